import Ports

extension PostgresPipeline {
    /// Sends the statements that write a row, but of bars: those come by COPY, which a pipeline does not know.
    mutating func send(_ row: ProjectionRow, run: Int64) throws(StoreError) {
        switch row {
        case .ledger(let row): try send(.ledger) { row.bind(to: run, &$0) }
        case .signal(let row): try send(.signal) { row.bind(to: run, &$0) }
        case .order(let row): try send(.order) { row.bind(to: run, &$0) }
        case .risk(let row): try send(.risk) { row.bind(to: run, &$0) }
        case .bar: break
        case .event(let row): try send(.event) { row.bind(to: run, &$0) }
        case .shadow(let row): try send(.shadow) { row.bind(to: run, &$0) }
        case .version(let row):
            if case .covered = row.event { return try send(.coverage) { row.bind(to: run, &$0) } }
            try send(.version) { row.bind(to: run, &$0) }
        case .round(let row):
            try send(.round) { row.bind(to: run, &$0) }
            for (place, vote) in row.votes.enumerated() {
                try send(.vote) { vote.bind(to: run, round: row.number, place: place, &$0) }
            }
        }
    }

    private mutating func send(
        _ statement: RowStatement, _ bind: (inout PostgresBinder) -> Void
    ) throws(StoreError) {
        try send(statement.rawValue, bind)
    }
}
