//! `commonhold works certificate`: a payment certificate as PDF.
//!
//! Figures are those of the law's views, proven with the network's key; the codes hold the stamp of the
//! transaction that certified them.

use std::path::PathBuf;

use alloy_sol_types::{SolCall, SolEvent as _};
use commonhold_paper::{Column, Paper};
use commonhold_sdk::{
    SdkError,
    bundle::write,
    proving::Proving,
    stamp::{self, BlockFinding, Statement, TransactionFinding},
};
use commonhold_session::{Answer, Refused, Session, moments};
use commonhold_works_contract::{
    ADDRESS,
    interface::IWorks::{
        Certificate, Contract, Line, PaymentCertified, certificatesCall, certifyPaymentCall,
        contractOfCall, linesCall, packageCall, packageReturn, projectCall, projectReturn,
    },
    module,
};
use serde_json::json;

use super::codes;
use crate::{
    audit::proof::Wanted,
    table::{hundredths, thousandths},
};

/// Lines that one view tells.
const PAGE: u64 = 100;

#[derive(clap::Args)]
pub(crate) struct PaperArgs {
    /// The contract's number.
    contract: u64,
    /// The certificate's number in it.
    certificate: u64,
    /// The paper.
    #[arg(short, long, value_name = "FILE.pdf")]
    out: PathBuf,
    /// Also the stamp itself, for `commonhold verify`.
    #[arg(long, value_name = "FILE")]
    stamp: Option<PathBuf>,
}

/// What stands on the paper.
struct Content {
    number: u64,
    contract: Contract,
    certificate: Certificate,
    package: packageReturn,
    project: projectReturn,
    lines: Vec<Line>,
    did: TransactionFinding,
    block: BlockFinding,
}

/// Writes a payment certificate.
pub(crate) fn paper(session: &dyn Session, args: &PaperArgs) -> eyre::Result<Answer> {
    let client = session.client()?;
    let key = client.network_key()?;
    let mut proving = Proving::new(&client, key);
    let number = args.contract;
    let contract = one(&mut proving, contractOfCall { number })?;
    let from = args.certificate.checked_sub(1);
    let from = from.filter(|_| args.certificate <= contract.certificates);
    let Some(from) = from else {
        let what = format!(
            "contract {number} has {} certificates",
            contract.certificates
        );
        return Err(Refused(what).into());
    };
    let call = certificatesCall {
        number,
        from,
        max: 1,
    };
    let certificate = one(&mut proving, call)?.page.into_iter().next();
    let certificate = certificate.ok_or_else(|| none("a certificate"))?;
    let mut lines = Vec::new();
    while (lines.len() as u64) < contract.lines {
        let call = linesCall {
            number,
            from: lines.len() as u64,
            max: PAGE,
        };
        let page = one(&mut proving, call)?.page;
        if page.is_empty() {
            return Err(none("a line of the bill").into());
        }
        lines.extend(page);
    }
    let package = one(
        &mut proving,
        packageCall {
            number: contract.offer.package,
        },
    )?;
    let project = one(
        &mut proving,
        projectCall {
            number: package.project,
        },
    )?;
    let wanted = Wanted::of::<PaymentCertified>(&[number, args.certificate]);
    let blocks = (0, client.block_number()?);
    let hashes = client.transactions_of(ADDRESS, wanted.topics(), blocks)?;
    let hash = *hashes.first().ok_or_else(|| none("the transaction"))?;
    let stamp = client.stamp(hash)?;
    let found = stamp::verify(&stamp, &key, client.abis())?;
    let Statement::Transaction(did) = found.statement else {
        return Err(none("the transaction").into());
    };
    let content = Content {
        number: args.certificate,
        contract,
        certificate,
        package,
        project,
        lines,
        did: *did,
        block: found.block,
    };
    content.is_stamped()?;
    let file = stamp.to_json();
    let codes = codes::write(&file)?;
    let pdf = content.paper(&codes)?;
    write(&args.out, &pdf)?;
    if let Some(path) = &args.stamp {
        write(path, &file)?;
    }
    let data = json!({
        "contract": number,
        "certificate": args.certificate,
        "paymentMinor": content.certificate.payment,
        "transaction": hash,
        "block": content.block.number,
        "codes": codes,
        "bytes": pdf.len(),
    });
    let text = format!(
        "{}: certificate {} of contract {number}, {} codes",
        args.out.display(),
        args.certificate,
        codes.len()
    );
    Answer::of(&data, text)
}

fn none(what: &str) -> SdkError {
    SdkError::Integrity(format!("the node does not tell {what}"))
}

fn one<C: SolCall>(proving: &mut Proving<'_>, call: C) -> Result<C::Return, SdkError> {
    let answers = proving.ask(&module(), &[call])?;
    answers.into_iter().next().ok_or_else(|| none("an answer"))
}

impl Content {
    /// Whether the stamped transaction certified what the paper says.
    fn is_stamped(&self) -> Result<(), SdkError> {
        let logs = self.did.logs.iter().filter(|log| log.address == ADDRESS);
        let mut told = logs.filter_map(|log| {
            PaymentCertified::decode_raw_log(log.topics.iter().copied(), &log.data).ok()
        });
        let entry = &self.certificate;
        let said = (
            self.contract.number,
            self.number,
            entry.net,
            entry.payment,
            entry.dueAt,
        );
        let same = |told: PaymentCertified| {
            (
                told.contract_,
                told.number,
                told.net,
                told.payment,
                told.dueAt,
            ) == said
        };
        if self.did.success && told.any(same) {
            return Ok(());
        }
        Err(SdkError::Integrity(
            "the stamped transaction certified something else".to_owned(),
        ))
    }

    /// What was certified of each line, where the transaction says so itself.
    fn done(&self) -> Option<Vec<u16>> {
        let call = certifyPaymentCall::abi_decode(&self.did.input).ok()?;
        let direct = self.did.to == Some(ADDRESS) && call.contract_ == self.contract.number;
        (direct && call.done.len() == self.lines.len()).then_some(call.done)
    }

    fn paper(&self, codes: &[String]) -> eyre::Result<Vec<u8>> {
        let (contract, entry) = (&self.contract, &self.certificate);
        let offer = &contract.offer;
        let title = format!("Payment certificate {}", self.number);
        let foot = format!("Contract {}, certificate {}", contract.number, self.number);
        let mut paper = Paper::new(&title, &foot);
        let sum = |minor: u64| hundredths(i64::try_from(minor).unwrap_or(i64::MAX));
        let mut pairs = vec![
            ("Project", self.project.title.clone()),
            ("Package", self.package.title.clone()),
            ("Contract", contract.number.to_string()),
            ("Owner", contract.owner.to_string()),
            ("Contractor", offer.contractor.to_string()),
            ("Certifier", offer.certifier.to_string()),
            ("Contract sum", sum(contract.sum)),
            ("Certified", moments::show(entry.certifiedAt)),
            ("Due", moments::show(entry.dueAt)),
            ("This payment", hundredths(entry.payment)),
        ];
        pairs.push((
            "Paid",
            if entry.paidAt == 0 {
                "not yet".to_owned()
            } else {
                moments::show(entry.paidAt)
            },
        ));
        if !entry.reason.is_zero() {
            pairs.push(("Reason (hash)", entry.reason.to_string()));
        }
        paper.pairs(&pairs);
        paper.heading("Up to now");
        let right = |head| Column {
            head,
            parts: 2,
            right: true,
        };
        let left = |head| Column {
            head,
            parts: 4,
            right: false,
        };
        let rows = [
            ("Work done", entry.grossWork),
            ("Variations", entry.variations),
            ("Retention held back", entry.retention.saturating_neg()),
            ("Advance paid", entry.advancePaid),
            ("Advance recovered", entry.advanceRecovered.saturating_neg()),
            ("Damages for delay", entry.damages.saturating_neg()),
            ("Net of all certificates", entry.net),
            ("This certificate", entry.payment),
        ];
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|(what, minor)| vec![(*what).to_owned(), hundredths(*minor)])
            .collect();
        paper.table(&[left("what"), right("amount")], &rows)?;
        if let Some(done) = self.done() {
            paper.heading("Line by line");
            let columns = [
                right("line"),
                right("quantity"),
                right("rate"),
                right("done, permille"),
            ];
            let lines = (1u64..).zip(self.lines.iter().zip(done));
            let rows: Vec<Vec<String>> = lines
                .map(|(number, (line, done))| {
                    let quantity = i64::try_from(line.quantity).unwrap_or(i64::MAX);
                    let cells = [thousandths(quantity), sum(line.rate), done.to_string()];
                    std::iter::once(number.to_string()).chain(cells).collect()
                })
                .collect();
            paper.table(&columns, &rows)?;
        }
        self.stamped(&mut paper, codes)?;
        Ok(paper.finish()?)
    }

    fn stamped(&self, paper: &mut Paper, codes: &[String]) -> eyre::Result<()> {
        paper.heading("Stamp");
        paper.pairs(&[
            ("Network (genesis)", self.block.genesis.to_string()),
            ("Block", self.block.number.to_string()),
            (
                "Time",
                moments::show(self.block.timestamp_ms.div_euclid(1_000)),
            ),
            ("Transaction", self.did.hash.to_string()),
            ("Signed by", self.did.sender.to_string()),
        ]);
        paper.text(
            "The codes are the stamp of that transaction. What they say, one to a line in a file, is checked \
             with the network's key alone: commonhold verify FILE --network-key KEY.",
        );
        for (number, code) in (1usize..).zip(codes) {
            paper.code(code, &format!("Stamp, code {number} of {}", codes.len()))?;
        }
        Ok(())
    }
}
