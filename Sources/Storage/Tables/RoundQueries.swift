import Ports
import TradingModel

extension ProjectionQueries {
    func rounds() throws(StoreError) -> [RoundRow] { try rounds(where: "TRUE ORDER BY number") }

    func round(_ number: Int64) throws(StoreError) -> RoundRow? {
        try rounds(where: "number = ?") { $0.put(number) }.first
    }

    /// The last round on the symbol that closed at or before the time.
    ///
    /// - Parameter account: `nil`: whichever.
    func lastRound(
        on symbol: String, account: String?, through time: Timestamp
    ) throws(StoreError) -> RoundRow? {
        try rounds(
            where: """
                symbol = ? AND time <= ? AND account = coalesce(?, account)
                ORDER BY time DESC, number DESC LIMIT 1
                """
        ) {
            $0.put(symbol)
            $0.put(time)
            $0.put(account)
        }.first
    }

    /// The round before this one on the same account and symbol.
    func round(before round: RoundRow) throws(StoreError) -> RoundRow? {
        try rounds(
            where: "symbol = ? AND account = ? AND number < ? ORDER BY number DESC LIMIT 1"
        ) {
            $0.put(round.symbol)
            $0.put(round.account)
            $0.put(round.number)
        }.first
    }

    func events() throws(StoreError) -> [EventRow] { try events(where: "TRUE ORDER BY position") }

    func event(at position: EventPosition) throws(StoreError) -> EventRow? {
        try events(where: "position = ?") { $0.put(position.value) }.first
    }

    private func rounds(
        where condition: String, bind: (inout Source.Binder) -> Void = { _ in }
    ) throws(StoreError) -> [RoundRow] {
        var rounds = try rows(
            "SELECT \(RowColumns.roundColumns) FROM rounds WHERE run = ? AND \(condition)",
            doing: "read rounds", bind: bind
        ) { row in
            let number = row.integer()
            return RoundRow(
                record: row.unsigned(), number: number, account: row.text(), symbol: row.text(),
                opened: EventPosition(row.unsigned()), closed: EventPosition(row.unsigned()),
                policy: row.text(), threshold: row.integer(), side: row.optionalSide(),
                conflict: row.integer() != 0, detail: row.text(), leader: row.text(),
                approved: row.optionalInteger().map { $0 != 0 }, rule: row.text(),
                ruleDetail: row.text(),
                order: row.optionalInteger().map { OrderNumber(UInt64(bitPattern: $0)) },
                silent: row.words(), time: row.time(), votes: [])
        }
        let numbers = rounds.map(\.number)
        guard let first = numbers.min(), let last = numbers.max() else { return [] }
        let votes = try rows(
            """
            SELECT \(RowColumns.voteColumns) FROM round_votes
            WHERE run = ? AND round BETWEEN ? AND ? ORDER BY round, number
            """, doing: "read votes"
        ) {
            $0.put(first)
            $0.put(last)
        } _: { row in
            (
                row.integer(),
                RoundVote(
                    source: row.text(), position: EventPosition(row.unsigned()),
                    index: Int(row.integer()), action: row.action(), confidence: row.integer32(),
                    weight: row.integer(), priority: Int(row.integer()), status: row.text())
            )
        }
        let ofRound = Dictionary(grouping: votes) { $0.0 }
        for index in rounds.indices {
            rounds[index].votes = (ofRound[rounds[index].number] ?? []).map { $0.1 }
        }
        return rounds
    }

    private func events(
        where condition: String, bind: (inout Source.Binder) -> Void = { _ in }
    ) throws(StoreError) -> [EventRow] {
        try rows(
            "SELECT \(RowColumns.eventColumns) FROM events WHERE run = ? AND \(condition)",
            doing: "read events", bind: bind
        ) { row in
            let position = EventPosition(row.unsigned())
            var event = EventRow(
                record: row.unsigned(), position: position, kind: row.text(), symbol: row.text(),
                time: row.time())
            event.price = row.optionalPrice()
            event.open = row.optionalPrice()
            event.high = row.optionalPrice()
            event.low = row.optionalPrice()
            event.bid = row.optionalPrice()
            event.ask = row.optionalPrice()
            if let text = row.optionalText() {
                event.volume = row.known(Volume(text), else: .zero)
            }
            return event
        }
    }
}
