//! A reading as CBOR.
//!
//! What is decoded here is encoded again by the caller and compared: so there is one form of everything,
//! and this module does not have to know all the others. Lengths are checked against limits before
//! anything is kept.

use core::convert::Infallible;

use minicbor::{
    Decoder, Encoder,
    data::{IanaTag, Tag, Type},
    decode::Error as DecodeError,
};

use crate::{
    error::ReadingError,
    id::DeviceId,
    limits::PACK_RECORDS_MAX,
    reading::{Origin, Reading, Record, Value},
};

/// SenML's labels (RFC 8428, section 6), in the order of their encodings.
mod senml {
    pub(super) const NAME: u8 = 0;
    pub(super) const UNIT: u8 = 1;
    pub(super) const VALUE: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const FLAG: u8 = 4;
    pub(super) const TIME: u8 = 6;
    pub(super) const DATA: u8 = 8;
}

const COUNTER: u8 = 1;
const TIME: u8 = 2;
const PACK: u8 = 3;
const NONCE: u8 = 4;
const ORIGIN: u8 = 5;

pub(crate) type Written = Result<(), minicbor::encode::Error<Infallible>>;

impl From<minicbor::encode::Error<Infallible>> for ReadingError {
    fn from(error: minicbor::encode::Error<Infallible>) -> Self {
        Self::malformed("value to encode", error)
    }
}

/// Decodes one part, and says in whose decoding a fault lies.
pub(crate) fn of<T>(what: &'static str, result: Result<T, DecodeError>) -> Result<T, ReadingError> {
    result.map_err(|e| ReadingError::malformed(what, e))
}

/// The length of an array or map that says it in front.
pub(crate) fn definite(
    what: &'static str,
    length: Result<Option<u64>, DecodeError>,
) -> Result<u64, ReadingError> {
    of(what, length)?.ok_or(ReadingError::NotDeterministic(what))
}

/// The payload of a reading.
pub(crate) fn encode(reading: &Reading) -> Result<Vec<u8>, ReadingError> {
    let mut e = Encoder::new(Vec::new());
    write_reading(&mut e, reading)?;
    Ok(e.into_writer())
}

fn write_reading(e: &mut Encoder<Vec<u8>>, reading: &Reading) -> Written {
    let more = u64::from(reading.nonce.is_some()) + u64::from(reading.origin.is_some());
    e.map(3 + more)?;
    e.u8(COUNTER)?.u64(reading.counter)?;
    e.u8(TIME)?.u64(reading.time)?;
    e.u8(PACK)?.array(reading.pack.len() as u64)?;
    for record in &reading.pack {
        write_record(e, record)?;
    }
    if let Some(nonce) = &reading.nonce {
        e.u8(NONCE)?.bytes(nonce)?;
    }
    if let Some(origin) = &reading.origin {
        e.u8(ORIGIN)?.map(3)?;
        e.u8(1)?.str(&origin.adapter)?;
        e.u8(2)?.bytes(origin.source.as_bytes())?;
        e.u8(3)?.bytes(origin.original.as_slice())?;
    }
    Ok(())
}

fn write_record(e: &mut Encoder<Vec<u8>>, record: &Record) -> Written {
    let more = u64::from(record.unit.is_some()) + u64::from(record.offset != 0);
    e.map(2 + more)?;
    e.u8(senml::NAME)?.str(&record.name)?;
    if let Some(unit) = &record.unit {
        e.u8(senml::UNIT)?.str(unit)?;
    }
    match &record.value {
        Value::Number {
            mantissa,
            exponent: 0,
        } => {
            e.u8(senml::VALUE)?.i64(*mantissa)?;
        }
        Value::Number { mantissa, exponent } => {
            e.u8(senml::VALUE)?.tag(IanaTag::Decimal)?.array(2)?;
            e.i8(*exponent)?.i64(*mantissa)?;
        }
        Value::Text(text) => {
            e.u8(senml::TEXT)?.str(text)?;
        }
        Value::Flag(flag) => {
            e.u8(senml::FLAG)?.bool(*flag)?;
        }
        Value::Data(_) => {}
    }
    if record.offset != 0 {
        e.u8(senml::TIME)?.i32(record.offset)?;
    }
    if let Value::Data(data) = &record.value {
        e.u8(senml::DATA)?.bytes(data)?;
    }
    Ok(())
}

/// The reading in a payload, within its limits and in its one form.
pub(crate) fn decode(payload: &[u8]) -> Result<Reading, ReadingError> {
    let reading = read_reading(payload)?;
    reading.check()?;
    if encode(&reading)? != payload {
        return Err(ReadingError::NotDeterministic("reading"));
    }
    Ok(reading)
}

fn read_reading(payload: &[u8]) -> Result<Reading, ReadingError> {
    const WHAT: &str = "reading";
    let mut d = Decoder::new(payload);
    let mut reading = Reading {
        counter: 0,
        time: 0,
        pack: Vec::new(),
        nonce: None,
        origin: None,
    };
    for _ in 0..definite(WHAT, d.map())?.min(6) {
        match of(WHAT, d.u8())? {
            COUNTER => reading.counter = of("counter", d.u64())?,
            TIME => reading.time = of("time", d.u64())?,
            PACK => reading.pack = read_pack(&mut d)?,
            NONCE => reading.nonce = Some(of("nonce", d.bytes())?.to_vec()),
            ORIGIN => reading.origin = Some(read_origin(&mut d)?),
            other => return Err(unknown(WHAT, other)),
        }
    }
    Ok(reading)
}

fn read_pack(d: &mut Decoder<'_>) -> Result<Vec<Record>, ReadingError> {
    let count = definite("pack", d.array())?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    ReadingError::bound(
        "a pack (records)",
        count,
        PACK_RECORDS_MAX,
        "PACK_RECORDS_MAX",
    )?;
    (0..count).map(|_| read_record(d)).collect()
}

fn read_record(d: &mut Decoder<'_>) -> Result<Record, ReadingError> {
    const WHAT: &str = "record";
    let mut name = None;
    let mut unit = None;
    let mut value = None;
    let mut offset = 0;
    for _ in 0..definite(WHAT, d.map())?.min(6) {
        match of(WHAT, d.u8())? {
            senml::NAME => name = Some(of("record's name", d.str())?.to_owned()),
            senml::UNIT => unit = Some(of("unit", d.str())?.to_owned()),
            senml::VALUE => value = Some(read_number(d)?),
            senml::TEXT => value = Some(Value::Text(of("text", d.str())?.to_owned())),
            senml::FLAG => value = Some(Value::Flag(of("flag", d.bool())?)),
            senml::TIME => offset = of("time of a record", d.i32())?,
            senml::DATA => value = Some(Value::Data(of("data", d.bytes())?.to_vec())),
            other => return Err(unknown(WHAT, other)),
        }
    }
    Ok(Record {
        name: name.ok_or_else(|| ReadingError::malformed(WHAT, "it has no name"))?,
        unit,
        value: value.ok_or_else(|| ReadingError::malformed(WHAT, "it has no value"))?,
        offset,
    })
}

fn read_number(d: &mut Decoder<'_>) -> Result<Value, ReadingError> {
    const WHAT: &str = "number";
    match of(WHAT, d.datatype())? {
        Type::Tag => {
            if of(WHAT, d.tag())? != Tag::from(IanaTag::Decimal) {
                return Err(ReadingError::malformed(
                    WHAT,
                    "integers and decimal fractions (tag 4) are taken",
                ));
            }
            if definite(WHAT, d.array())? != 2 {
                return Err(ReadingError::malformed(
                    WHAT,
                    "a decimal fraction has two parts",
                ));
            }
            Ok(Value::Number {
                exponent: of(WHAT, d.i8())?,
                mantissa: of(WHAT, d.i64())?,
            })
        }
        Type::F16 | Type::F32 | Type::F64 => Err(ReadingError::malformed(
            WHAT,
            "floating point is not taken: write a decimal fraction (tag 4)",
        )),
        _ => Ok(Value::integer(of(WHAT, d.i64())?)),
    }
}

fn read_origin(d: &mut Decoder<'_>) -> Result<Origin, ReadingError> {
    const WHAT: &str = "origin";
    let mut adapter = None;
    let mut source = None;
    let mut original = None;
    for _ in 0..definite(WHAT, d.map())?.min(4) {
        match of(WHAT, d.u8())? {
            1 => adapter = Some(of(WHAT, d.str())?.to_owned()),
            2 => source = Some(DeviceId(read_hash(WHAT, d)?.into())),
            3 => original = Some(read_hash(WHAT, d)?.into()),
            other => return Err(unknown(WHAT, other)),
        }
    }
    match (adapter, source, original) {
        (Some(adapter), Some(source), Some(original)) => Ok(Origin {
            adapter,
            source,
            original,
        }),
        _ => Err(ReadingError::malformed(
            WHAT,
            "adapter, source and original are expected",
        )),
    }
}

/// 32 bytes.
pub(crate) fn read_hash(what: &'static str, d: &mut Decoder<'_>) -> Result<[u8; 32], ReadingError> {
    let bytes = of(what, d.bytes())?;
    bytes
        .try_into()
        .map_err(|_| ReadingError::malformed(what, "32 bytes are expected"))
}

fn unknown(what: &'static str, label: u8) -> ReadingError {
    ReadingError::malformed(what, format!("the label {label} is unknown"))
}
