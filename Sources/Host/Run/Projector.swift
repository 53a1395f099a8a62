import Kernel
import Orders
import Ports
import TradingModel

/// Turns facts into rows that people read, and counts them for the summary. The same live and in recovery.
struct Projector {
    private(set) var plan: KernelPlan
    private var versions: [SourceVersion]
    private var ledger: Ledger
    /// Votes whose end is not known yet.
    var standing: [VoteKey: SignalRow] = [:]
    private(set) var orders: [OrderNumber: OrderRow] = [:]
    private(set) var decisions: [OrderNumber: OrderDecision] = [:]
    /// Who or what wants the end of an order that is open: through doubts and restarts.
    var cancelReasons: [OrderNumber: String] = [:]
    /// Changes that are on their way.
    var asked: [OrderNumber: ChangeDecision] = [:]
    /// What those hold without their change.
    var heldBefore: [OrderNumber: Money] = [:]
    /// Ended orders that are still known, in the order in which they ended.
    private var ended: [OrderNumber] = []
    /// Of those that are known no more what may fill all the same, at a broker outside; `nil`: none is.
    var old: OldOrders<(row: OrderRow, decision: OrderDecision)>?
    /// Those that failed before a broker had them take no place of one that was at a broker.
    private var failedBefore: Set<OrderNumber> = []
    private var oldFailed = OldOrders<(row: OrderRow, decision: OrderDecision)>()
    /// What is stopped and was not let go.
    var stops = StandingStops()
    /// Why people said what a record has of exits.
    var saidWhy: (record: UInt64, reason: String)?
    var rounds: RoundBook
    var recent = RecentEvents()
    /// The event that was told last.
    var lastEvent: (position: EventPosition, time: Timestamp)?
    var rows: [ProjectionRow] = []
    var counts: RunSummary
    /// Whose closed candles are rows.
    private let kept: [Interval]
    /// Of steps that no record tells of yet.
    var bars: [Candle] = []
    private var feesUnits: Int128 = 0
    private var taxUnits: Int128?
    /// What accounts are worth more by corrections.
    private(set) var corrected: [AccountID: Money] = [:]

    /// Of the events taken lately.
    var classes: EventClasses

    /// Of sources with two versions.
    var described: [SessionKey: SourceVersion] = [:]
    var book: VersionBook?
    /// By version: results, of those the shadow's; what its session reports.
    var sessions: [SessionKey: SessionCounts] = [:]
    /// Whose standby is heard.
    var takenOver: Set<SessionKey> = []

    struct SessionCounts: Sendable {
        var results = 0
        var shadows = 0
        var failures = 0
        var leftOut: Int?
        var state = ""
    }

    func version(
        of source: SourceID, on instrument: InstrumentID, at position: EventPosition
    ) -> SourceVersion {
        let main = versions[Int(source.index)]
        guard let book, book.plan(of: source) != nil else { return main }
        let slot = book.heard(of: source, on: instrument, at: position.step)
        return described[SessionKey(source: source, slot: slot)] ?? main
    }

    /// - Parameter kept: Intervals whose closed candles are rows.
    init(
        _ plan: KernelPlan, versions: [SourceVersion], ledger: Ledger, keeping kept: [Interval] = []
    ) {
        self.kept = kept
        self.plan = plan
        self.versions = versions
        self.ledger = ledger
        rounds = RoundBook(plan)
        classes = EventClasses(plan)
        counts = RunSummary()
        counts.sources = plan.sources.map(Self.count)
    }

    /// Follows attachments that change; sources may come to those that were there.
    mutating func follow(_ plan: KernelPlan) {
        for source in plan.sources.dropFirst(self.plan.sources.count) {
            versions.append(SourceVersion())
            counts.sources.append(Self.count(of: source))
        }
        self.plan = plan
        ledger.follow(plan)
        rounds.follow(plan)
    }

    private static func count(of source: SourcePlan) -> RunSummary.Source {
        RunSummary.Source(
            name: source.name, kind: source.kind == .builtIn ? "host" : "\(source.kind)")
    }

    /// `nil` for an order that ended long ago.
    func decision(of number: OrderNumber) -> OrderDecision? {
        decisions[number] ?? old?[number]?.decision ?? oldFailed[number]?.decision
    }
    var ledgerHash: String { ledger.hash }
    var fees: Money { Money(units: feesUnits) }
    /// What of the fees is tax, where somebody told; `nil`: nobody did.
    var tax: Money? { taxUnits.map { Money(units: $0) } }
    func clientOrderID(of order: Order) -> ClientOrderID { ledger.clientOrderID(of: order) }

    mutating func count(_ event: MarketEvent) {
        recent.note(event)
        switch event.kind {
        case .tick: counts.ticks += 1
        case .quote: counts.quotes += 1
        case .candle(let candle):
            guard candle.isFinal else { break }
            counts.candles += 1
            if kept.contains(candle.interval) { bars.append(candle) }
        case .timer: break
        }
    }
    /// Ticks of which nothing came.
    mutating func count(ticks: Int) { counts.ticks += ticks }
    /// An event that is counted elsewhere, for those who ask what it was.
    mutating func note(_ event: MarketEvent) { recent.note(event) }

    mutating func takeRows() -> [ProjectionRow] {
        rows += rounds.takeRows().map(ProjectionRow.round)
        defer { rows.removeAll(keepingCapacity: true) }
        return rows
    }

    /// - Parameters:
    ///   - time: Of the data.
    ///   - record: Number of the log record that holds the fact.
    mutating func take(_ fact: Fact, at position: EventPosition, time: Timestamp, record: UInt64) {
        switch fact {
        case .signal(let signal, let status): take(signal, status, time, record)
        case .voteEnded(let key, let status, let detail):
            rounds.end(key, status, record)
            guard var row = standing.removeValue(forKey: key) else { return }
            row.status = status.word
            row.detail = FateWords.ended(status, detail.text)
            row.record = record
            rows.append(.signal(row))
            count(status, of: key.source)
        case .dayStarted: break
        case .opened, .acted:
            fact.forEachPart { take($0, at: position, time: time, record: record) }
        case .roundOpened(let desk, let position, _): rounds.open(desk, at: position)
        case .roundClosed(let desk, let outcome):
            rounds.close(desk, outcome, time: time, record: record)
            guard outcome.conflict else { return }
            counts.conflicts += 1
            rows.append(
                .risk(
                    risk(
                        desk, outcome.position, "GR030", "conflict", outcome.detail.text, time,
                        record))
            )
        case .risk(let decision):
            rounds.take(decision, record: record)
            if !decision.approved { counts.refusals = (counts.refusals ?? [:]).adding(decision) }
            rows.append(
                .risk(
                    risk(
                        decision.desk, decision.position,
                        decision.approved ? "approved" : decision.code.rawValue,
                        decision.rule, decision.detail.text, time, record)))
        case .ordered(let decision): take(decision, time, record)
        case .submitted(let number, _): takeSubmitted(number, record)
        case .orderEnded(let number, let state, let reason):
            if state == .rejected { counts.rejected += 1 }
            endChange(of: number)
            takeEnd(of: number, state, reason, record)
        case .filled(let fill, let booking):
            recent.note(fill, in: position.step)
            take(fill, booking, record)
        case .contradiction(let number, let what):
            rows.append(
                .risk(
                    risk(
                        desk(of: number), position, FailSafeCode.fillsMissing.rawValue,
                        "order \(number)", what, time, record))
            )
        case .inDoubt(let number, let reason):
            takeDoubt(of: number, reason, record)
            rows.append(
                .risk(
                    risk(
                        desk(of: number), position, FailSafeCode.orderDelayed.rawValue,
                        "order \(number)",
                        "its outcome is unknown: \(reason)", time, record)))
        case .cancelAsked(let number, let reason):
            takeCancel(of: number, reason, record)
        case .exit(let fact):
            if case .split(let instrument, let new, let old) = fact {
                let booked = ledger.bookSplit(
                    of: instrument, new: new, for: old, at: time, record: record)
                rows += booked.map { .ledger($0) }
            }
            guard let words = exitWords(fact, record) else { return }
            var row = risk(
                ExitWords.desk(fact), position, StandingStops.exitCode, ExitWords.rule(fact),
                words.text, time, record)
            // Of every account.
            if row.symbol.isEmpty { row.symbol = words.symbol }
            stops.take(row)
            rows.append(.risk(row))
        case .change(let fact):
            let words = ChangeWords(fact)
            switch fact {
            case .asked(let decision): ask(decision, words, record)
            case .taken(let number, let change, _): take(change, of: number, record)
            case .refused(let number, _, _): takeRefusal(of: number, record)
            case .notApproved: break
            }
            rows.append(
                .risk(
                    risk(
                        desk(of: fact.number), position, words.code, "order \(fact.number)",
                        words.text, time, record)))
        case .limitPassed(let passed):
            var row = risk(
                nil, position, FailSafeCode.riskLimit.rawValue, passed.limit.name,
                passed.detail.text, time, record)
            row.account = plan.accounts[Int(passed.account.index)].name
            row.symbol = passed.instrument.map { symbol($0) } ?? ""
            rows.append(.risk(row))
        case .corrected(let correction):
            let order = correction.order
            corrected[order.account, default: .zero] += correction.worth
            rows.append(.ledger(ledger.book(correction, record: record)))
            var row = risk(
                nil, position, FailSafeCode.drift.rawValue, "correction",
                CorrectionWords.text(correction, plan), time, record)
            row.account = plan.accounts[Int(order.account.index)].name
            row.symbol = order.instrument.map { symbol($0) } ?? ""
            rows.append(.risk(row))
        case .killed(let on, let scope, let reason):
            var row = risk(
                nil, position, StandingStops.killCode, on ? "on" : "off",
                StandingStops.killDetail(KillWords.part(scope, plan), reason), time, record)
            if case .account(let account) = scope {
                row.account = plan.accounts[Int(account.index)].name
            }
            stops.take(row)
            rows.append(.risk(row))
        }
    }

    /// What a desk says to people, by its code.
    mutating func take(
        _ note: DeskNote, of account: AccountID, at position: EventPosition, time: Timestamp,
        record: UInt64
    ) {
        var row = risk(
            note.order.flatMap(desk), position, note.code.rawValue,
            note.order.map { "order \($0)" } ?? note.severity.rawValue, note.text, time, record)
        if row.account.isEmpty { row.account = plan.accounts[Int(account.index)].name }
        rows.append(.risk(row))
    }

    /// A change of what is attached, as a row that people find beside the switches.
    mutating func take(
        _ change: PlanChange, at position: EventPosition, time: Timestamp, record: UInt64
    ) {
        for line in change.words {
            rows.append(
                .risk(risk(nil, position, "CHANGE", "change \(change.number)", line, time, record)))
        }
    }

    func symbol(_ id: InstrumentID) -> String { plan.instruments[Int(id.index)].symbol }

    mutating func count(_ status: SignalStatus, of source: SourceID) {
        let index = Int(source.index)
        switch status {
        case .used: counts.sources[index].used += 1
        case .outvoted: counts.sources[index].outvoted += 1
        case .late: counts.sources[index].late += 1
        case .expired: counts.sources[index].expired += 1
        case .replaced: counts.sources[index].replaced += 1
        case .notApproved, .vetoed, .killed: counts.sources[index].notApproved += 1
        case .alert: counts.sources[index].alerts += 1
        case .pending: break
        }
    }

    private mutating func take(_ decision: OrderDecision, _ time: Timestamp, _ record: UInt64) {
        let order = decision.order
        let reason = decision.detail.text
        counts.orders += 1
        decisions[order.number] = decision
        var (round, sizing) = rounds.take(decision, record: record)
        // What an exit is stays with it, whatever becomes of the order.
        if round == 0, reason.hasPrefix("exit ") { sizing = reason }
        let row = OrderRow(
            record: record, number: order.number,
            clientOrderID: ledger.clientOrderID(of: order).description,
            account: plan.accounts[Int(order.account.index)].name,
            symbol: plan.instruments[Int(order.instrument.index)].symbol, side: order.side,
            quantity: order.quantity, limit: order.limit, state: "pending", filled: .zero,
            source: plan.sources[Int(decision.source.index)].name, reason: reason,
            time: time, round: round, confidence: decision.confidence.millionths, sizing: sizing,
            reference: decision.reference, reserved: decision.reserved)
        orders[order.number] = row
        rows.append(.order(row))
    }

    private mutating func take(_ fill: Fill, _ booking: Booking, _ record: UInt64) {
        if decisions[fill.order] == nil,
            let known = old?.take(fill.order) ?? oldFailed.take(fill.order)
        {
            orders[fill.order] = known.row
            decisions[fill.order] = known.decision
            ended.append(fill.order)
        }
        guard let decision = decisions[fill.order] else { return }
        counts.fills += 1
        feesUnits += fill.fee.units
        if let tax = fill.tax { taxUnits = (taxUnits ?? 0) + tax.units }
        let model =
            book?.plan(of: decision.source) == nil
            ? nil
            : version(
                of: decision.source, on: decision.order.instrument, at: decision.position
            ).model
        rows.append(
            .ledger(ledger.book(fill, booking, of: decision, record: record, model: model)))
        // With a change on its way it may be all of the old terms, and the order goes on.
        let may = asked[fill.order]?.after.quantity ?? .zero
        let wanted = cancelReasons[fill.order]
        change(fill.order, record) { row in
            row.filled = (try? row.filled.adding(fill.quantity)) ?? Quantity(units: .max)
            guard !Self.isEnd(row.state) else { return }
            let isFilled = row.filled >= max(row.quantity, may)
            // Why it was made, and no longer that it was in doubt or to be cancelled.
            if isFilled {
                row.reason = decision.detail.text
            } else if row.state == "unknown" {
                row.reason = wanted ?? decision.detail.text
            }
            let isChanging = row.state == "changePending"
            row.state =
                isFilled
                ? "filled"
                : wanted != nil
                    ? "cancelPending" : isChanging ? "changePending" : "partlyFilled"
        }
        if Self.isEnd(orders[fill.order]?.state ?? "") { cancelReasons[fill.order] = nil }
    }

    /// Ended orders known at least: facts of an order follow each other closely.
    private static let endedKept = 4_096

    /// - Parameter row: Of an order that has just ended.
    private mutating func forgetOld(behind row: OrderRow) {
        ended.append(row.number)
        guard ended.count >= 2 * Self.endedKept else { return }
        for number in ended.prefix(Self.endedKept) {
            guard let row = orders.removeValue(forKey: number),
                let decision = decisions.removeValue(forKey: number), row.state != "filled"
            else { continue }
            let isOld = failedBefore.remove(number) == nil
            if isOld { old?.keep((row, decision), as: number) }
            if !isOld { oldFailed.keep((row, decision), as: number) }
        }
        ended.removeFirst(Self.endedKept)
    }

    mutating func change(
        _ number: OrderNumber, _ record: UInt64, _ body: (inout OrderRow) -> Void
    ) {
        // In place: a row is a dozen texts.
        guard let index = orders.index(forKey: number) else { return }
        let before = orders.values[index].state
        body(&orders.values[index])
        orders.values[index].record = record
        let row = orders.values[index]
        rows.append(.order(row))
        if before == "pending", row.state == "failed", old != nil { failedBefore.insert(number) }
        if Self.isEnd(row.state), !Self.isEnd(before) { forgetOld(behind: row) }
    }
}
