//! Devices and streams on the ledger.

use alloy_primitives::{Address, B256, Bytes};
use alloy_rpc_types_eth::TransactionReceipt;
use commonhold_primitives::system::DEVICES;
use commonhold_reading::{Algorithm, DeviceId, DeviceKey, DeviceSecret, SIGNATURE_LEN};
use commonhold_system::devices::interface::IDevices::{
    Anchor, Batch, Device, Share, Standing, Stream, acceptDeviceCall, anchorCall, anchorOfCall,
    anchorsCall, anchorsOfDayCall, assignCall, calibrateCall, closeStreamCall, deviceCall,
    devicesInCall, devicesOfCall, enrolCall, enrolSourceCall, openStreamCall, revokeCall,
    sealedKeyOfDayCall, setGatewayCall, shareCall, sharesCall, standingCall, streamCall,
    streamIdCall, streamsAtCall, streamsOfCall, streamsSharedWithCall, transferCall, unshareCall,
};

use crate::{
    account::Account,
    client::Client,
    error::SdkError,
    page::{PAGE, Page},
};

/// What is said of a device when it is enrolled.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// What it is: `Meter 3000`, say.
    pub model: String,
    /// Until just before when its calibration holds, in seconds since 1970; zero: not stated.
    pub calibrated_until: u64,
}

impl Client {
    /// What a device signs so that `owner` can enrol it.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn enrolment(&self, key: &DeviceKey, owner: Address) -> Result<B256, SdkError> {
        Ok(key.enrolment(self.chain_id()?, DEVICES, owner))
    }

    /// Enrols a device whose secret key is here.
    ///
    /// # Errors
    /// Where it is enrolled already, or the network refuses.
    pub fn enrol(
        &self,
        account: &Account,
        secret: &DeviceSecret,
        description: &Description,
    ) -> Result<TransactionReceipt, SdkError> {
        let message = self.enrolment(secret.key(), account.address())?;
        let proof = secret.sign(message.as_slice());
        self.enrol_proven(account, secret.key(), description, &proof)
    }

    /// Enrols a device by its proof, which the device has made: see [`Self::enrolment`].
    ///
    /// # Errors
    /// As [`Self::enrol`].
    pub fn enrol_proven(
        &self,
        account: &Account,
        key: &DeviceKey,
        description: &Description,
        proof: &[u8; SIGNATURE_LEN],
    ) -> Result<TransactionReceipt, SdkError> {
        let call = enrolCall {
            algorithm: key.algorithm().number(),
            key: Bytes::copy_from_slice(key.bytes()),
            model: description.model.clone(),
            calibratedUntil: description.calibrated_until,
            proof: Bytes::copy_from_slice(proof),
        };
        self.send_call(account, DEVICES, &call)
    }

    /// Enrols a source that cannot sign, at a gateway's device of the account's.
    ///
    /// # Errors
    /// As [`Self::enrol`].
    pub fn enrol_source(
        &self,
        account: &Account,
        gateway: DeviceId,
        name: &str,
        description: &Description,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = enrolSourceCall {
            gateway: gateway.0,
            name: name.to_owned(),
            model: description.model.clone(),
            calibratedUntil: description.calibrated_until,
        };
        self.send_call(account, DEVICES, &call)
    }

    /// A device.
    ///
    /// # Errors
    /// Where there is none.
    pub fn device(&self, id: DeviceId) -> Result<Device, SdkError> {
        self.call(DEVICES, &deviceCall { id: id.0 })
    }

    /// The public key of an enrolled device. The node cannot lie about it: the device's id is its hash.
    ///
    /// # Errors
    /// [`SdkError::Integrity`] where the node tells of another key.
    pub fn device_key(&self, id: DeviceId) -> Result<DeviceKey, SdkError> {
        key_of(id, &self.device(id)?)
    }

    /// What stands against a device at the time `at` (zero: now), in seconds since 1970.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn device_standing(&self, id: DeviceId, at: u64) -> Result<Standing, SdkError> {
        self.call(DEVICES, &standingCall { device: id.0, at })
    }

    /// Ids of the devices that were ever somebody's, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn devices_of(&self, owner: Address, from: u64) -> Result<Page<B256>, SdkError> {
        let max = PAGE;
        let answer = self.call(DEVICES, &devicesOfCall { owner, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Ids of the devices that were ever assigned to a stream, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn devices_in(&self, stream: B256, from: u64) -> Result<Page<B256>, SdkError> {
        let max = PAGE;
        let answer = self.call(DEVICES, &devicesInCall { stream, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Notes a calibration, until just before `until` (zero: not stated).
    ///
    /// # Errors
    /// Where the account may not.
    pub fn calibrate(
        &self,
        account: &Account,
        id: DeviceId,
        until: u64,
        certificate: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        let device = id.0;
        let call = calibrateCall {
            device,
            until,
            certificate,
        };
        self.send_call(account, DEVICES, &call)
    }

    /// Revokes a device for ever.
    ///
    /// # Errors
    /// Where the account may not.
    pub fn revoke_device(
        &self,
        account: &Account,
        id: DeviceId,
        reason: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        let device = id.0;
        self.send_call(account, DEVICES, &revokeCall { device, reason })
    }

    /// Offers a device to somebody; zero takes the offer back.
    ///
    /// # Errors
    /// Where it is another's.
    pub fn transfer_device(
        &self,
        account: &Account,
        id: DeviceId,
        to: Address,
    ) -> Result<TransactionReceipt, SdkError> {
        let device = id.0;
        self.send_call(account, DEVICES, &transferCall { device, to })
    }

    /// Takes over a device that was offered to the account.
    ///
    /// # Errors
    /// Where it was not.
    pub fn accept_device(
        &self,
        account: &Account,
        id: DeviceId,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(account, DEVICES, &acceptDeviceCall { device: id.0 })
    }

    /// Has a device's readings go to a stream; zero: to none.
    ///
    /// # Errors
    /// Where the device or the stream is another's.
    pub fn assign_device(
        &self,
        account: &Account,
        id: DeviceId,
        stream: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        let device = id.0;
        self.send_call(account, DEVICES, &assignCall { device, stream })
    }

    /// Opens a stream, for which the account `gateway` anchors; gives its id.
    ///
    /// # Errors
    /// Where the account has one of that name.
    pub fn open_stream(
        &self,
        account: &Account,
        name: &str,
        gateway: Address,
    ) -> Result<(B256, TransactionReceipt), SdkError> {
        let (owner, name) = (account.address(), name.to_owned());
        let id = streamIdCall {
            owner,
            name: name.clone(),
        };
        let id = self.call(DEVICES, &id)?;
        let receipt = self.send_call(account, DEVICES, &openStreamCall { name, gateway })?;
        Ok((id, receipt))
    }

    /// Has another account anchor for a stream.
    ///
    /// # Errors
    /// Where the stream is another's.
    pub fn set_gateway(
        &self,
        account: &Account,
        stream: B256,
        gateway: Address,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(account, DEVICES, &setGatewayCall { stream, gateway })
    }

    /// Closes a stream.
    ///
    /// # Errors
    /// Where the stream is another's.
    pub fn close_stream(
        &self,
        account: &Account,
        stream: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(account, DEVICES, &closeStreamCall { stream })
    }

    /// A stream.
    ///
    /// # Errors
    /// Where there is none.
    pub fn stream(&self, id: B256) -> Result<Stream, SdkError> {
        self.call(DEVICES, &streamCall { id })
    }

    /// Ids of somebody's streams, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn streams_of(&self, owner: Address, from: u64) -> Result<Page<B256>, SdkError> {
        let max = PAGE;
        let answer = self.call(DEVICES, &streamsOfCall { owner, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Ids of the streams that an account was ever the gateway of, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn streams_at(&self, gateway: Address, from: u64) -> Result<Page<B256>, SdkError> {
        let max = PAGE;
        let answer = self.call(DEVICES, &streamsAtCall { gateway, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Ids of the streams that somebody ever had a share of, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn streams_shared_with(&self, grantee: Address, from: u64) -> Result<Page<B256>, SdkError> {
        let max = PAGE;
        let answer = self.call(DEVICES, &streamsSharedWithCall { grantee, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Lets somebody open the days of a stream from `from` until just before `until` (zero: for ever),
    /// in days since 1970.
    ///
    /// # Errors
    /// Where the stream is another's.
    pub fn share_stream(
        &self,
        account: &Account,
        stream: B256,
        grantee: Address,
        (from, until): (u32, u32),
    ) -> Result<TransactionReceipt, SdkError> {
        let call = shareCall {
            stream,
            grantee,
            fromDay: from,
            untilDay: until,
        };
        self.send_call(account, DEVICES, &call)
    }

    /// Takes a share back, for all days.
    ///
    /// # Errors
    /// Where there is none.
    pub fn unshare_stream(
        &self,
        account: &Account,
        stream: B256,
        grantee: Address,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(account, DEVICES, &unshareCall { stream, grantee })
    }

    /// A stream's shares, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn shares(&self, stream: B256, from: u64) -> Result<Page<Share>, SdkError> {
        let max = PAGE;
        let answer = self.call(DEVICES, &sharesCall { stream, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Anchors batches of streams that the account is the gateway of.
    ///
    /// # Errors
    /// Where the network refuses one of them: then none is anchored.
    pub fn anchor(
        &self,
        account: &Account,
        batches: Vec<Batch>,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(account, DEVICES, &anchorCall { batches })
    }

    /// A stream's anchors, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn anchors(&self, stream: B256, from: u64) -> Result<Page<Anchor>, SdkError> {
        let max = PAGE;
        let answer = self.call(DEVICES, &anchorsCall { stream, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// The same of one day (days since 1970).
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn anchors_of_day(
        &self,
        stream: B256,
        day: u32,
        from: u64,
    ) -> Result<Page<Anchor>, SdkError> {
        let max = PAGE;
        let call = anchorsOfDayCall {
            stream,
            day,
            from,
            max,
        };
        let answer = self.call(DEVICES, &call)?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// The anchor that a record is of.
    ///
    /// # Errors
    /// Where it is of none.
    pub fn anchor_of(&self, record: B256) -> Result<Anchor, SdkError> {
        self.call(DEVICES, &anchorOfCall { record })
    }

    /// keccak-256 of the sealed key of a stream's day; zero where nothing is anchored of it.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn sealed_key_of_day(&self, stream: B256, day: u32) -> Result<B256, SdkError> {
        self.call(DEVICES, &sealedKeyOfDayCall { stream, day })
    }
}

/// The key in a device's entry, which must be the one that its id is the hash of.
fn key_of(id: DeviceId, device: &Device) -> Result<DeviceKey, SdkError> {
    let key = Algorithm::from_number(device.algorithm)
        .and_then(|algorithm| DeviceKey::new(algorithm, &device.key));
    match key {
        Ok(key) if key.id() == id => Ok(key),
        _ => Err(SdkError::Integrity(format!(
            "the node tells of another key than that of device {id}"
        ))),
    }
}
