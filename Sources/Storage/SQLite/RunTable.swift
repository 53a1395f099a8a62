package import TradingModel

import Ports

/// A run as the store lists it.
package struct StoredRun: Hashable, Sendable {
    package var id: String
    /// Of the host's clock, UTC.
    package var started: Timestamp
    /// `nil` while it runs, and after a crash until it is resumed and finishes.
    package var finished: Timestamp?
    package var configurationHash: String
    /// What the host wrote at the end, as JSON.
    package var summary: String?
    /// The last log record that the tables hold.
    package var applied: UInt64
}

/// The list of runs in one store.
struct RunTable {
    let connection: SQLiteConnection

    /// In the order of their beginning.
    func all() throws(StoreError) -> [StoredRun] {
        var runs: [StoredRun] = []
        try connection.prepare(
            """
            SELECT id, started, finished, configuration_hash, summary, applied FROM runs
            ORDER BY number
            """, doing: "list the runs"
        ).forEach { (row) throws(StoreError) in
            runs.append(
                StoredRun(
                    id: row.text(), started: row.time(),
                    finished: row.optionalInteger().map { Timestamp(nanoseconds: $0) },
                    configurationHash: row.text(), summary: row.optionalText(),
                    applied: row.unsigned()))
        }
        return runs
    }

    /// The number of the run with this id, or of the latest.
    func number(of id: String?) throws(StoreError) -> Int64? {
        var number: Int64?
        try connection.prepare(
            "SELECT number FROM runs WHERE id = ?1 OR ?1 IS NULL ORDER BY number DESC LIMIT 1",
            doing: "find the run"
        ).forEach {
            $0.put(id)
        } _: { (row) throws(StoreError) in
            number = row.integer()
        }
        return number
    }

    /// Finds or begins the run.
    ///
    /// - Throws: `otherRun` when it is there with another configuration.
    func begin(
        _ id: String, configurationHash: String, started: Timestamp
    ) throws(StoreError) -> Int64 {
        let insert = try connection.prepare(
            """
            INSERT INTO runs (id, started, configuration_hash) VALUES (?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """, doing: "begin a run")
        try insert.run {
            $0.put(id)
            $0.put(started)
            $0.put(configurationHash)
        }
        var found: (number: Int64, hash: String)?
        try connection.prepare(
            "SELECT number, configuration_hash FROM runs WHERE id = ?", doing: "find the run"
        ).forEach {
            $0.put(id)
        } _: { (row) throws(StoreError) in
            found = (row.integer(), row.text())
        }
        guard let found, found.hash == configurationHash else {
            throw StoreError(
                .otherRun,
                "run \(id) has configuration \(found?.hash ?? "none"), this is "
                    + configurationHash,
                at: connection.path, advice: "go back to that configuration, or start a new run")
        }
        return found.number
    }
}
