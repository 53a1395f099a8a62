import CPQ
import Ports

/// Statements sent behind each other without waiting, as one transaction that ends with the batch.
///
/// Without a BEGIN everything up to the sync point is one transaction of the server's: the first
/// refusal undoes all of it, and the rest is skipped.
struct PostgresPipeline: ~Copyable {
    private let connection: PostgresConnection
    private let what: String
    private var waiting = 0
    private var binder = PostgresBinder()
    /// Statements between two looks at the socket.
    private static let stride = 256

    fileprivate init(_ connection: PostgresConnection, doing what: String) {
        self.connection = connection
        self.what = what
    }

    mutating func send(
        _ name: String, _ bind: (inout PostgresBinder) -> Void
    ) throws(StoreError) {
        binder.removeAll()
        bind(&binder)
        let sent = binder.withValues { count, values in
            PQsendQueryPrepared(connection.raw, name, count, values, nil, nil, 0)
        }
        guard sent == 1 else { throw connection.broken(what) }
        waiting += 1
        if waiting % Self.stride == 0 {
            try connection.flush(until: connection.deadline, what)
        }
    }
}

extension PostgresConnection {
    /// Sends what `body` says as one transaction, and returns when the server has made it durable.
    ///
    /// - Throws: With `io` the outcome is unknown; everything else undid the whole batch.
    func pipeline(
        doing what: String, _ body: (inout PostgresPipeline) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard PQenterPipelineMode(raw) == 1 else { throw broken(what) }
        var pipeline = PostgresPipeline(self, doing: what)
        try body(&pipeline)
        guard PQpipelineSync(raw) == 1 else { throw broken(what) }
        try flush(until: deadline, what)
        var failure: StoreError?
        var isOver = false
        while !isOver {
            // Between two statements stands an empty result.
            guard let result = try nextResult(until: deadline, what) else {
                if PQstatus(raw) == CONNECTION_OK { continue }
                let cut = broken(what)
                throw failure ?? cut
            }
            if result.status == PGRES_PIPELINE_SYNC {
                isOver = true
            } else if result.isError {
                failure = failure ?? StoreError(result, doing: what, at: place)
            }
        }
        guard PQexitPipelineMode(raw) == 1 else { throw broken(what) }
        if let failure { throw failure }
    }

    /// Runs `body` between `BEGIN` and `COMMIT`; undoes everything when either fails.
    func transaction(
        doing what: String, _ body: () throws(StoreError) -> Void
    ) throws(StoreError) {
        try execute("BEGIN", doing: what)
        do throws(StoreError) {
            try body()
            try execute("COMMIT", doing: what)
        } catch {
            if !isBroken, PQtransactionStatus(raw) != PQTRANS_IDLE {
                do throws(StoreError) { try execute("ROLLBACK", doing: what) } catch {
                    abandon()  // What it left open must not be gone on with.
                }
            }
            throw error
        }
    }

    /// The first column of the first row; 0 without a row.
    func integer(_ sql: String, doing what: String) throws(StoreError) -> Int64 {
        var value: Int64 = 0
        try forEach(sql, doing: what, { _ in }) { (row) throws(StoreError) in
            value = row.integer()
        }
        return value
    }
}
