package import Platform
package import Ports
import TradingModel

/// What people ask of a run in hand: to end, or to turn the kill switch; and what it cannot go on without
/// that failed. Any thread asks; the loop takes it between two steps.
package final class RunControl: Sendable {
    private struct State {
        var stop: String?
        var kill: KillOrder?
        /// By strategy: the newest.
        var versions: [String: VersionRequest] = [:]
        var versionHeard: (@Sendable (VersionRequest) -> Void)?
        var failure: StoreError?
        /// Not heard yet, as they came.
        var changes: [PlanRequest] = []
        /// The step that was taken last when changes were looked for.
        var reached: UInt64 = 0
        var changed: (@Sendable (PlanChange, PlanAnswer) -> Void)?
        var requests: [DeskRequest] = []
        var answered: (@Sendable (DeskRequest, _ words: String, _ isDone: Bool) -> Void)?
        var heard: (@Sendable (KillOrder, KillAnswer) -> Void)?
        var killHeard: KillOrder?
        var killAtStart: KillOrder?
        /// Not heard yet, as they came.
        var exits: [ExitOrder] = []
        var exitHeard: (@Sendable (ExitOrder, ExitAnswer) -> Void)?
        var left: LeftOpen?
    }
    private let state = Locked(State())
    private let doorbell: Doorbell
    /// Raised by a kill before the loop hears of it: nothing that opens passes the line before a socket then.
    package let kills = KillCounter()
    /// The same of accounts and strategies.
    package let partKills = PartKills()

    package init(_ doorbell: Doorbell) { self.doorbell = doorbell }

    /// Ends the run behind the step in hand; it can be resumed. The first reason is kept.
    package func stop(_ reason: String) {
        state.withLock { $0.stop = $0.stop ?? reason }
        doorbell.ring()
    }
    package var stopReason: String? { state.withLock { $0.stop } }

    /// What was open when the loop failed; `nil`: it did not, or had not begun.
    package internal(set) var leftAtFailure: LeftOpen? {
        get { state.withLock { $0.left } }
        set { state.withLock { $0.left = newValue } }
    }

    /// Turns the kill switch; a later order that was not heard yet replaces an earlier one.
    package func kill(_ order: KillOrder) {
        if order.on { kills.raise() }
        partKills.raise(order)
        state.withLock { $0.kill = order }
        doorbell.ring()
    }

    /// The order that a start before this one answered last.
    package var killHeard: KillOrder? {
        get { state.withLock { $0.killHeard } }
        set { state.withLock { $0.killHeard = newValue } }
    }

    /// The order that lay there when this start began: what comes later is newer than whatever stood before.
    package var killAtStart: KillOrder? {
        get { state.withLock { $0.killAtStart } }
        set { state.withLock { $0.killAtStart = newValue } }
    }

    /// Holds exits, lets them go, or tells them what became of a price.
    package func change(_ order: ExitOrder) {
        state.withLock { $0.exits.append(order) }
        doorbell.ring()
    }

    /// `body` is called on the loop's thread when an order is in force and in the durable log, or refused.
    package func onExits(_ body: @escaping @Sendable (ExitOrder, ExitAnswer) -> Void) {
        state.withLock { $0.exitHeard = body }
    }

    /// Asks for other attachments.
    package func change(_ request: PlanRequest) {
        state.withLock { $0.changes.append(request) }
        doorbell.ring()
    }

    /// About where the loop is: whoever brings somebody new reads the recording as far.
    package var reached: UInt64 { state.withLock { $0.reached } }

    /// `body` is called on the loop's thread when a change is in force and in the durable log, or known already.
    package func onChanged(_ body: @escaping @Sendable (PlanChange, PlanAnswer) -> Void) {
        state.withLock { $0.changed = body }
    }

    /// Asks something of the desks that deal with brokers.
    package func ask(_ request: DeskRequest) {
        state.withLock { $0.requests.append(request) }
        doorbell.ring()
    }

    /// Ends the run: what it decides cannot be kept. The first failure is the one that is told.
    func fail(_ error: StoreError) {
        state.withLock { $0.failure = $0.failure ?? error }
        doorbell.ring()
    }

    /// `body` is called on the loop's thread when an order is in force and in the durable log.
    package func onHeard(_ body: @escaping @Sendable (KillOrder, KillAnswer) -> Void) {
        state.withLock { $0.heard = body }
    }

    /// Changes who of a strategy's versions is heard; a later order replaces one that was not heard yet.
    package func change(_ order: VersionRequest) {
        state.withLock { state in
            let waiting = state.versions[order.strategy]
            guard (waiting?.number ?? 0) < order.number else { return }
            state.versions[order.strategy] = order
            // Who was to come comes, under the later plan.
            if order.joining == nil {
                state.versions[order.strategy]?.joining = waiting?.joining
            }
        }
        doorbell.ring()
    }

    /// `body` is called on the loop's thread when an order is in force and in the durable log, or is refused.
    package func onVersion(_ body: @escaping @Sendable (VersionRequest) -> Void) {
        state.withLock { $0.versionHeard = body }
    }

    /// `body` is called on the loop's thread when a request was carried out and is in the durable log, or is refused.
    package func onAnswered(
        _ body: @escaping @Sendable (DeskRequest, _ words: String, _ isDone: Bool) -> Void
    ) {
        state.withLock { $0.answered = body }
    }

    // MARK: The loop's side

    /// In the order of their numbers.
    ///
    /// - Parameter joining: Whether those with a new version too: it can come in between two steps alone.
    func takeVersions(joining: Bool = true) -> [VersionRequest] {
        state.withLock { state in
            guard !state.versions.isEmpty else { return [] }
            let taken = state.versions.values.filter { joining || $0.joining == nil }
            for order in taken { state.versions[order.strategy] = nil }
            return taken.sorted { $0.number < $1.number }
        }
    }

    func heard(_ order: VersionRequest) { state.withLock { $0.versionHeard }?(order) }

    func takeRequests() -> [DeskRequest] {
        state.withLock { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    /// For a run that fills its orders itself.
    func refuseRequests() {
        for request in takeRequests() {
            answered(
                request, "this run fills its orders on paper: there is no broker outside to ask",
                isDone: false)
        }
    }

    func answered(_ request: DeskRequest, _ words: String, isDone: Bool) {
        state.withLock { $0.answered }?(request, words, isDone)
    }

    func takeExits() -> [ExitOrder] {
        state.withLock { state in
            defer { state.exits = [] }
            return state.exits
        }
    }
    func heard(_ order: ExitOrder, _ answer: ExitAnswer) {
        state.withLock { $0.exitHeard }?(order, answer)
    }

    func take() -> (stop: String?, kill: KillOrder?, failure: StoreError?, isAsked: Bool) {
        state.withLock { state in
            defer { state.kill = nil }
            return (state.stop, state.kill, state.failure, !state.requests.isEmpty)
        }
    }
    func takeKill() -> KillOrder? {
        state.withLock { state in
            defer { state.kill = nil }
            return state.kill
        }
    }
    /// The changes that are due behind `step`, and the step behind which the next one is.
    func takeChanges(behind step: UInt64) -> (due: [PlanRequest], next: UInt64) {
        state.withLock { state in
            state.reached = step
            guard !state.changes.isEmpty else { return ([], .max) }
            let due = state.changes.filter { ($0.behind ?? 0) <= step }
            state.changes.removeAll { ($0.behind ?? 0) <= step }
            return (due, state.changes.compactMap(\.behind).min() ?? .max)
        }
    }
    func changed(_ change: PlanChange, _ answer: PlanAnswer) {
        state.withLock { $0.changed }?(change, answer)
    }
    var failure: StoreError? { state.withLock { $0.failure } }

    func heard(_ order: KillOrder, _ answer: KillAnswer) {
        state.withLock { $0.heard }?(order, answer)
    }
}

/// What a person asks of the desks that deal with brokers.
package struct DeskRequest: Hashable, Sendable, Codable {
    package enum What: Hashable, Sendable, Codable {
        /// What became of an order in doubt: the broker's number of it, or `nil` for not accepted.
        case resolve(order: UInt64, as: String?)
        /// Ends the lockdown of an account.
        case release(account: String)
        /// Asks for the end of an order.
        case cancel(order: UInt64)
        /// Puts the books where a broker is.
        case correct(CorrectionRequest)
        /// Asks for other terms of an order, in units; `nil`: as it is.
        case modify(order: UInt64, limit: Int64?, quantity: Int64?)
    }
    /// Rises with each request of a folder: an answer names it.
    package var number: Int
    package var what: What
    package init(number: Int, what: What) {
        self.number = number
        self.what = what
    }
}

extension RunState {
    /// Takes what people asked for: turns the kill switch, writes it down, and answers when it is safe.
    ///
    /// - Returns: The reason to stop, if there is one.
    mutating func hear(_ control: RunControl, entry: Timestamp) throws(RunFailure) -> String? {
        let (stop, order, failure, isAsked) = control.take()
        if let failure { throw .store(failure) }
        if isAsked, !isRouted { control.refuseRequests() }
        try hearVersions(control, entry: entry)
        try hearChanges(control, entry: entry)
        try hearExits(control, entry: entry)
        if let order { try turn(order, control, entry: entry) }
        try haltIfRestless(entry: entry)
        tellStops()
        return stop
    }

    /// What lies there of the kill switch at a start: before guards are asked, for exits that are to be held must not
    /// sell first.
    mutating func hearKill(_ control: RunControl, entry: Timestamp) throws(RunFailure) {
        if let order = control.takeKill() { try turn(order, control, entry: entry) }
    }

    private mutating func turn(
        _ order: KillOrder, _ control: RunControl, entry: Timestamp
    ) throws(RunFailure) {
        if isRouted { return try hear(order, entry: entry) }
        let answer = turn(order, at: deskClock.time(entry.nanoseconds))
        try recordBetween(entry: entry, at: .endOfStep(lastStep))
        do { try setup.log.flush() } catch { throw .store(error) }
        control.heard(order, answer)
    }

    /// Between two steps: from the next on others are heard, and who asked for it is answered when the log is
    /// durable.
    private mutating func hearVersions(
        _ control: RunControl, entry: Timestamp
    ) throws(RunFailure) {
        try take(control.takeVersions(), from: lastStep + 1)
        guard !unanswered.isEmpty else { return }
        try recordBetween(entry: entry, at: .endOfStep(lastStep))
        do { try setup.log.flush() } catch { throw .store(error) }
        for order in unanswered { control.heard(order) }
        unanswered.removeAll()
    }

    /// - Parameter step: The first that they count for.
    mutating func take(_ orders: [VersionRequest], from step: UInt64) throws(RunFailure) {
        for var order in orders {
            if order.joining != nil, hasMoved(order.strategy) {
                order.refused = "its symbols were changed while it started"
                setup.control.heard(order)
                continue
            }
            try take(order, from: step)
            unanswered.append(order)
        }
    }
}
