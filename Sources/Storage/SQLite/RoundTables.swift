import Ports
import TradingModel

/// The statements that write one run's rounds, votes and events, each prepared once.
struct RoundTables: ~Copyable {
    private let run: Int64
    private let round: SQLiteStatement
    private let vote: SQLiteStatement
    private let event: SQLiteStatement

    init(_ connection: SQLiteConnection, run: Int64) throws(StoreError) {
        let round = try connection.prepare(Self.insertRound, doing: "write rounds")
        let vote = try connection.prepare(Self.insertVote, doing: "write votes")
        let event = try connection.prepare(Self.insertEvent, doing: "write events")
        self.run = run
        self.round = round
        self.vote = vote
        self.event = event
    }

    func write(_ row: RoundRow) throws(StoreError) {
        try round.run {
            $0.put(run)
            $0.put(row.number)
            $0.put(row.record)
            $0.put(row.account)
            $0.put(row.symbol)
            $0.put(row.opened.value)
            $0.put(row.closed.value)
            $0.put(row.policy)
            $0.put(row.threshold)
            $0.put(row.side?.word)
            $0.put(row.conflict ? 1 : 0 as Int64)
            $0.put(row.detail)
            $0.put(row.leader)
            $0.put(row.approved.map { $0 ? 1 : 0 as Int64 })
            $0.put(row.rule)
            $0.put(row.ruleDetail)
            $0.put(row.order.map { Int64(bitPattern: $0.value) })
            $0.put(JSONWords.encode(row.silent))
            $0.put(row.time)
        }
        for (number, vote) in row.votes.enumerated() { try write(vote, number, of: row.number) }
    }

    private func write(_ row: RoundVote, _ number: Int, of round: Int64) throws(StoreError) {
        try vote.run {
            $0.put(run)
            $0.put(round)
            $0.put(row.source)
            $0.put(row.position.value)
            $0.put(Int64(row.index))
            $0.put(row.action.word)
            $0.put(Int64(row.confidence))
            $0.put(row.weight)
            $0.put(Int64(row.priority))
            $0.put(row.status)
            $0.put(Int64(number))
        }
    }

    func write(_ row: EventRow) throws(StoreError) {
        try event.run {
            $0.put(run)
            $0.put(row.position.value)
            $0.put(row.record)
            $0.put(row.kind)
            $0.put(row.symbol)
            $0.put(row.time)
            $0.put(row.price?.units)
            $0.put(row.open?.units)
            $0.put(row.high?.units)
            $0.put(row.low?.units)
            $0.put(row.bid?.units)
            $0.put(row.ask?.units)
            $0.put(row.volume?.description)
        }
    }

    private static let insertRound = """
        INSERT INTO rounds (run, \(roundColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let insertVote = """
        INSERT INTO round_votes (run, \(voteColumns), number)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    /// Several results may come from one event: it is told with the first.
    private static let insertEvent = """
        INSERT INTO events (run, \(eventColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, position) DO NOTHING
        """

    static let roundColumns = """
        number, record, account, symbol, opened, closed, policy, threshold, side, conflict, detail, \
        leader, approved, rule, rule_detail, order_number, silent, time
        """
    static let voteColumns = """
        round, source, position, result, action, confidence, weight, priority, status
        """
    static let eventColumns = """
        position, record, kind, symbol, time, price, open, high, low, bid, ask, volume
        """
}
