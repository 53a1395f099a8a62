import Kernel
import Orders
import Ports
import TradingModel

/// All that a run at a pace is watched for, and the words in which it is told. A value: the loop says what
/// happens and how late it is, and writes down what there is to tell.
struct Watchdogs {
    private let settings: WatchSettings
    private let plan: KernelPlan
    /// Of the run; empty where orders are filled on paper.
    private let brokers: [BrokerLink]
    private var hours: OpenHours
    private var data: DataWatch?
    private var results = ResultWatch()
    /// Of servers that owe results: the kinds of hours that they hear, and open time of each by the last events.
    private var heard: [SessionKey: (kinds: [Int], marks: [Int64])] = [:]
    private var fills: FillWatch?
    /// By broker.
    private var answers: [AnswerWatch]
    private var clock: ClockWatch?
    /// When the host's clock is to be looked at, monotonic ns; `.max`: never.
    private(set) var nextLook: Int64
    private var notes: [WatchNote] = []
    /// Of many, so many are named.
    private static let named = 5

    /// - Parameters:
    ///   - time: Where the recording stands.
    ///   - now: Monotonic ns.
    init(
        _ settings: WatchSettings, _ plan: KernelPlan, brokers: [BrokerLink], from time: Timestamp,
        at now: Int64
    ) {
        self.settings = settings
        self.plan = plan
        self.brokers = brokers
        hours = OpenHours(plan.hours, plan.zones, named: settings.oddDays, from: time)
        if (settings.noData + settings.noDataTogether).contains(where: { $0 != nil }) {
            data = DataWatch(
                spans: settings.noData, together: settings.noDataTogether, hours, from: time)
        }
        if !brokers.isEmpty { fills = settings.noFills.map { FillWatch($0) } }
        answers = settings.slowBroker.map { span in brokers.map { _ in AnswerWatch(span) } } ?? []
        clock = settings.clockJump.map { ClockWatch($0) }
        nextLook = fills == nil && clock == nil ? .max : now
    }

    /// What there is to tell since the last call, in order.
    mutating func takeNotes() -> [WatchNote] {
        guard !notes.isEmpty else { return [] }
        defer { notes = [] }
        return notes
    }

    // MARK: Data

    /// When time alone has something to tell, by the market's time.
    var due: Timestamp { data?.due ?? .distantFuture }

    /// The market's time has come so far, whether or not there were data.
    mutating func pass(to time: Timestamp) {
        // Days that pass at once are one silence, and told once.
        for finding in DataWatch.lastOfEach(data?.pass(to: time) ?? []) { note(finding) }
    }

    mutating func took(_ step: borrowing Step) {
        guard data != nil, let at = step.inputAt, let instrument = step.events[at].instrument else {
            return
        }
        pass(to: step.time)
        data?.took(instrument, at: step.time)
    }

    /// No row comes any more.
    mutating func endData() {
        for finding in data?.end() ?? [] { note(finding) }
        data = nil
    }

    private mutating func note(_ finding: DataWatch.Finding) {
        switch finding {
        case .silent(let silences, let isAll):
            guard let first = silences.min(by: { $0.since < $1.since }),
                let longest = silences.map(\.length).max(), let one = first.instruments.first
            else { return }
            let last = hours.clock(
                of: Int(one.index), at: first.since, seenFrom: first.until)
            let since =
                first.hadData ? ", the last came at \(last)" : ", and none before in this start"
            let whose =
                isAll && plan.instruments.count > 1
                ? "any watched instrument that is open (\(names(silences)))"
                : silences.contains { $0.instruments.count > 1 }
                    ? "any of \(names(silences))" : names(silences)
            note(
                .data, .staleData, at: first.until, of: silences,
                "no data of \(whose) for \(spoken(longest))" + since)
        case .again(let silences):
            guard let until = silences.map(\.until).max(),
                let longest = silences.map(\.length).max()
            else { return }
            note(
                .data, .staleData, .info, at: until, of: silences,
                "data of \(returned(silences)) again, after \(spoken(longest))"
                    + (silences.count > 1 ? " at most" : ""))
        }
    }

    private mutating func note(
        _ kind: WatchNote.Kind, _ code: FailSafeCode, _ severity: FailSafeCode.Severity = .warning,
        at time: Timestamp, of silences: [DataWatch.Silence], _ text: String
    ) {
        var note = WatchNote(kind, code, severity, at: time, text)
        if silences.count == 1, let only = silences.first, only.instruments.count == 1 {
            note.instrument = only.instruments.first
        }
        notes.append(note)
    }

    private func names(_ silences: [DataWatch.Silence]) -> String {
        names(silences.flatMap(\.instruments))
    }

    /// Of those that are watched together, whose data came first.
    private func returned(_ silences: [DataWatch.Silence]) -> String {
        let ids = silences.compactMap(\.by)
        return names(ids.indices.filter { ids.firstIndex(of: ids[$0]) == $0 }.map { ids[$0] })
    }

    private func names(_ ids: [InstrumentID]) -> String {
        let names = ids.prefix(Self.named).map { plan.instruments[Int($0.index)].symbol }
            .joined(separator: ", ")
        return names + (ids.count > Self.named ? " and \(ids.count - Self.named) more" : "")
    }

    // MARK: Results

    var watchesResults: Bool { !settings.noResults.isEmpty }

    /// Events went to a session that lives.
    mutating func gave(_ count: Int, to link: SessionLink, at time: Timestamp) {
        guard count > 0, let span = settings.noResults[link.source] else { return }
        let passed = passed(link, at: time)
        guard
            let silence = results.gave(
                count, to: link.key, at: time, within: span, passed: passed)
        else { return }
        noteResults(
            link, at: time,
            "\(link.name) has said nothing for \(spoken(silence.length)), and"
                + " \(grouped("\(silence.events)")) events went to it")
    }

    mutating func heard(from link: SessionLink, at time: Timestamp) {
        guard settings.noResults[link.source] != nil,
            let silence = results.heard(link.key, at: time)
        else { return }
        noteResults(
            link, .info, at: time, "\(link.name) speaks again, after \(spoken(silence.length))")
    }

    mutating func lost(_ link: SessionLink) { results.lost(link.key) }

    /// Another version takes its place, or it goes off: what it owed is nobody's debt.
    mutating func forget(_ key: SessionKey) {
        results.forget(key)
        heard[key] = nil
    }

    /// It hears other instruments than before, perhaps of other exchanges.
    mutating func followed(_ key: SessionKey) { heard[key] = nil }

    /// Open time since the last events that went to a session: of any exchange that it hears.
    private mutating func passed(_ link: SessionLink, at time: Timestamp) -> Nanoseconds {
        let before = heard[link.key]
        let kinds = before?.kinds ?? kinds(heardBy: link.subscription)
        let marks = kinds.map { hours.opened($0, at: time) }
        heard[link.key] = (kinds, marks)
        guard let before else { return .zero }
        return Nanoseconds(zip(marks, before.marks).map { $0 - $1 }.max() ?? 0)
    }

    private func kinds(heardBy subscription: Subscription) -> [Int] {
        let heard = plan.instruments.indices.filter { subscription.hears(InstrumentID($0)) }
        // One that hears timers alone is asked while anything is open.
        return Set((heard.isEmpty ? Array(plan.instruments.indices) : heard).map(hours.kind(of:)))
            .sorted()
    }

    private mutating func noteResults(
        _ link: SessionLink, _ severity: FailSafeCode.Severity = .warning, at time: Timestamp,
        _ text: String
    ) {
        var note = WatchNote(.results, .staleData, severity, at: time, text)
        note.source = link.name
        notes.append(note)
    }

    // MARK: Brokers

    /// - Parameter broker: By its place in the run.
    mutating func answered(_ broker: Int, after took: Nanoseconds, at time: Timestamp) {
        guard answers.indices.contains(broker), let finding = answers[broker].took(took) else {
            return
        }
        let name = brokers[broker].name
        let count = AnswerWatch.kept
        switch finding {
        case .slow(let median, let longest):
            noteBroker(
                .broker, .brokerDown, .warning, broker, at: time,
                "\(name) answers slowly: most of its last \(count) answers took"
                    + " \(spoken(median)) and more, the longest \(spoken(longest)); past"
                    + " \(spoken(answers[broker].span)) is slow")
        case .well(let longest):
            noteBroker(
                .broker, .brokerDown, .info, broker, at: time,
                "\(name) answers in time again: its last \(count) answers took"
                    + " \(spoken(longest)) at most")
        }
    }

    private mutating func noteBroker(
        _ kind: WatchNote.Kind, _ code: FailSafeCode, _ severity: FailSafeCode.Severity,
        _ broker: Int, at time: Timestamp, order: OrderNumber? = nil,
        of instrument: InstrumentID? = nil, _ text: String
    ) {
        var note = WatchNote(kind, code, severity, at: time, text)
        note.account = brokers[broker].account
        note.source = brokers[broker].name
        note.order = order
        note.instrument = instrument
        notes.append(note)
    }

    // MARK: The host's clock

    /// - Parameters:
    ///   - time: Of the data.
    ///   - working: Orders at brokers that have not ended, with their brokers' places.
    mutating func look(
        _ reading: ClockWatch.Reading, at time: Timestamp, _ kernel: borrowing Kernel,
        working: [(number: OrderNumber, broker: Int)]
    ) {
        nextLook = reading.monotonic + settings.lookEvery
        if let jump = clock?.look(reading) { note(jump, at: time) }
        lookAtFills(reading.monotonic, at: time, kernel, working)
    }

    private mutating func note(_ jump: ClockWatch.Jump, at time: Timestamp) {
        let size = spoken(Nanoseconds(Int64(clamping: jump.size.count.magnitude)))
        let isAhead = jump.size.count > 0
        let means =
            brokers.isEmpty
            ? "deadlines count by the second, and spans of limits too"
            : "deadlines, validity of orders and spans of limits count by the second, so orders may be"
                + " older than they look: compare them with the broker's page"
        notes.append(
            WatchNote(
                .clock, .staleData, brokers.isEmpty ? .warning : .critical, at: time,
                "the wall's clock went \(size) \(isAhead ? "ahead" : "back"): it moved by"
                    + " \(signedSpan(jump.wall)) while the monotonic clock moved by"
                    + " \(spoken(jump.monotonic)). The machine slept, or the clock was set;"
                    + " \(means)"))
    }

    private func signedSpan(_ span: Nanoseconds) -> String {
        span.count < 0 ? "-" + spoken(Nanoseconds(-max(span.count, -.max))) : spoken(span)
    }

    private mutating func lookAtFills(
        _ now: Int64, at time: Timestamp, _ kernel: borrowing Kernel,
        _ working: [(number: OrderNumber, broker: Int)]
    ) {
        guard fills != nil else { return }
        var seen: [FillWatch.Working] = []
        for (number, _) in working {
            guard let machine = kernel.order(number) else { continue }
            let mayFill =
                mayFill(machine.order.instrument, at: time)
                && !kernel.isHalted(machine.order.instrument)
            seen.append(
                FillWatch.Working(
                    number: number, filled: machine.filled,
                    shouldFill: mayFill && Self.shouldFill(machine, kernel)))
        }
        for late in fills?.look(at: now, seen) ?? [] {
            guard let machine = kernel.order(late.number),
                let broker = working.first(where: { $0.number == late.number })?.broker
            else { continue }
            let last = kernel.lastPrice(of: machine.order.instrument)
            note(late, machine.order, machine.filled, last, at: broker, time)
        }
    }

    /// Open, and not in the auction that closes the session.
    private mutating func mayFill(_ instrument: InstrumentID, at time: Timestamp) -> Bool {
        let index = Int(instrument.index)
        guard let session = hours.session(of: index, at: time) else { return false }
        guard plan.hours.indices.contains(index),
            let auction = settings.closingAuctions[plan.hours[index]]
        else { return true }
        return time
            < session.end.advanced(by: Nanoseconds(-MarketHours.closingPrint - auction.count))
    }

    /// At the market, or where the price went through the limit: at the limit itself others may stand before it.
    private static func shouldFill(
        _ machine: borrowing OrderMachine, _ kernel: borrowing Kernel
    ) -> Bool {
        guard machine.state == .submitted || machine.state == .partlyFilled else { return false }
        guard let limit = machine.order.limit else { return true }
        guard let last = kernel.lastPrice(of: machine.order.instrument) else { return false }
        return machine.order.side == .buy ? last < limit : last > limit
    }

    private mutating func note(
        _ late: FillWatch.Late, _ order: Order, _ filled: Quantity, _ last: Price?, at broker: Int,
        _ time: Timestamp
    ) {
        let symbol = plan.instruments[Int(order.instrument.index)].symbol
        let terms =
            order.limit.map { limit in
                "at \(grouped("\(limit)")), which the last price"
                    + (last.map { " \(grouped("\($0)"))" } ?? "") + " has passed"
            } ?? "at the market"
        let part = filled == .zero ? "no fill" : "no further fill than \(filled)"
        noteBroker(
            .fills, .orderDelayed, .warning, broker, at: time, order: order.number,
            of: order.instrument,
            "order \(order.number) has \(part) for \(spoken(late.waited)):"
                + " \(order.side == .buy ? "BUY" : "SELL") \(order.quantity) \(symbol) \(terms)."
                + " \(brokers[broker].name) has taken it: look it up there")
    }
}
