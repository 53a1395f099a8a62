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
struct RunTable<Source: TableSource> {
    let connection: Source

    /// In the order of their beginning.
    func all() throws(StoreError) -> [StoredRun] {
        var runs: [StoredRun] = []
        try connection.forEach(
            """
            SELECT id, started, finished, configuration_hash, summary, applied FROM runs
            ORDER BY number
            """, doing: "list the runs", { _ in }
        ) { (row) throws(StoreError) in
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
        try connection.forEach(
            "SELECT number FROM runs WHERE id = coalesce(?, id) ORDER BY number DESC LIMIT 1",
            doing: "find the run"
        ) {
            $0.put(id)
        } _: { (row) throws(StoreError) in
            number = row.integer()
        }
        return number
    }

    /// The run with this id, or the latest, and its id.
    ///
    /// - Throws: `otherRun` naming those that there are.
    func known(_ id: String?) throws(StoreError) -> (Int64, String) {
        let known = try all().map(\.id)
        guard let number = try number(of: id), let runID = id ?? known.last else {
            throw StoreError(
                .otherRun, id.map { "there is no run \($0)" } ?? "there is no run yet",
                at: connection.place,
                advice: known.isEmpty
                    ? "start one with madang run, or keep a backtest: madang backtest --keep"
                    : "known runs: " + known.suffix(8).joined(separator: ", "))
        }
        return (number, runID)
    }

    /// Finds or begins the run.
    ///
    /// - Throws: `otherRun` when it is there with another configuration.
    func begin(
        _ id: String, configurationHash: String, started: Timestamp
    ) throws(StoreError) -> Int64 {
        try connection.forEach(
            """
            INSERT INTO runs (id, started, configuration_hash) VALUES (?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """, doing: "begin a run"
        ) {
            $0.put(id)
            $0.put(started)
            $0.put(configurationHash)
        } _: { (_) throws(StoreError) in
        }
        var found: (number: Int64, hash: String)?
        try connection.forEach(
            "SELECT number, configuration_hash FROM runs WHERE id = ?", doing: "find the run"
        ) {
            $0.put(id)
        } _: { (row) throws(StoreError) in
            found = (row.integer(), row.text())
        }
        guard let found, found.hash == configurationHash else {
            throw StoreError(
                .otherRun,
                "run \(id) has configuration \(found?.hash ?? "none"), this is "
                    + configurationHash,
                at: connection.place, advice: "go back to that configuration, or start a new run")
        }
        return found.number
    }
}
