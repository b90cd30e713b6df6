//! The Solidity interface of `seals`.

use alloy_sol_types::sol;

sol! {
    #![sol(abi, all_derives)]

    /// Times that have come: what is sealed to a time opens for everyone, once.
    interface ISeals {
        /// The opening key of a time was published: from now on everybody can open what is sealed
        /// to it.
        event TimeOpened(uint64 indexed time, bytes openingKey);

        /// The network has no seal key.
        error NoSealKey();
        /// The time has not come.
        error NotYet(uint64 time, uint64 now);
        /// This does not open what is sealed to that time.
        error FalseOpeningKey(uint64 time);

        /// Publishes the opening key of a time that has come: 48 bytes, a point of BLS12-381's G1,
        /// compressed. Where it stands already, nothing happens.
        function publish(uint64 time, bytes calldata openingKey) external;

        /// The key that everybody seals to: 96 bytes, a point of BLS12-381's G2, compressed; empty
        /// where the network has none.
        function sealKey() external view returns (bytes memory key);
        /// The opening key of a time; empty where it has not been published.
        function openingKey(uint64 time) external view returns (bytes memory key);
        /// Up to `max` times (100 at most) whose opening keys were published, from number `from` on,
        /// in the order of publication, and how many there are.
        function times(uint64 from, uint64 max)
            external view returns (uint64[] memory page, uint64 total);
    }
}
