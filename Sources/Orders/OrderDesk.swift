package import Ports
package import TradingModel

/// One account's dealings with one broker, between approved orders and the port `Broker`.
///
/// A value without clock, tasks or randomness. ``handle(_:at:)`` takes what happens; ``takeOutbox()`` is what is to
/// be done about it: calls to make, reports for the kernel, notes for people; ``wake`` is when it wants to be
/// asked again. Desk time is UTC at the start plus the monotonic time since: it never goes back in a start.
///
/// What it keeps to, whatever comes in: an order is placed again only after an answer that is certain; an
/// order whose outcome is unknown is asked for and never guessed at; a wish to cancel is followed until the order has
/// ended; every call has an end, also when nobody answers.
package struct OrderDesk: Sendable {
    package let account: AccountID
    /// By which people call it.
    private let accountName: String
    package let capabilities: BrokerCapabilities
    package let settings: DeskSettings
    private(set) package var now: Timestamp
    /// Why nothing may open.
    package internal(set) var kill: String?
    /// The broker does not answer: nothing opens until it does.
    package internal(set) var isDown = false
    var escalation: Escalation
    var outbox = DeskOutbox()

    /// By number; ended ones as long as reports of them may come.
    var entries: [DeskEntry] = []
    /// Of those that were forgotten, what may fill all the same.
    var past = OldOrders<PastOrder>()
    /// Likewise, up to which number a former process had forgotten those too.
    let lostBefore: OrderNumber?
    /// When the run began.
    let began: Timestamp
    /// Numbers are dealt to other desks as well.
    let sharesNumbers: Bool
    /// Those that are at no desk, or at another, and that the broker told fills of.
    var unknownFills: Set<UnknownFill> = []
    /// Numbers of those that have not ended, sorted.
    var active: [OrderNumber] = []
    var calls: [OpenCall] = []
    private(set) var lastCall = CallID(0)
    var lastNews: UInt64 = 0
    /// FS043 is told once, until something succeeds.
    var toldUnauthorized = false
    /// That a tax is no part of its fee is told once.
    var toldTax = false
    var heartbeat = Errand()
    /// Orders whose questions are due in the step in hand.
    var asking: [OrderNumber] = []
    /// The list by which many are asked for at once.
    var rollCall: CallID?
    var openOrders = Errand()
    /// Open orders of nobody here that people were told of.
    var strangers: Set<BrokerOrderID> = []
    /// Sales of nobody here that the last list had open.
    var sales: [StrangersSale] = []
    /// How often open orders are asked for again behind a gap.
    var looksLeft = 0
    /// The list of open orders that is asked for is the clock's: nothing says that a report is missing.
    var isListRoutine = false
    var fills = Errand()
    /// How far back the next question goes.
    var fillsSince = Timestamp.distantFuture
    /// Of the question on its way.
    var fillsAsked = Timestamp.distantFuture
    /// When it was asked.
    var fillsAskedAt = Timestamp(nanoseconds: .min)
    var positions = Errand()
    var balances = Errand()
    /// What opens waits for the first of both.
    var hold: StartHold
    /// Differences between the books and what the broker states.
    var drift = DriftWatch()
    /// How much had been heard of orders when each was asked for.
    var positionsAsked: UInt64 = 0
    var balancesAsked: UInt64 = 0
    /// Of the statements that were answered last.
    var positionsStated: UInt64 = 0
    var balancesStated: UInt64 = 0
    let backOff: BackOff

    /// Kept after their end.
    static let endedKept = 1_024
    /// Calls that were given up and may still be answered.
    static let givenUpKept = 256

    struct OpenCall: Hashable, Sendable {
        enum Purpose: Hashable, Sendable {
            case place(OrderNumber)
            case cancel(OrderNumber)
            case change(OrderNumber)
            case question(OrderNumber)
            case adoption(OrderNumber)
            case rollCall, heartbeat, openOrders, fills, positions, balances
        }
        let id: CallID
        let purpose: Purpose
        let deadline: Timestamp
        var isGivenUp = false
    }

    /// - Parameters:
    ///   - name: The account's, for what people are told to type.
    ///   - restart: What the log knows; every order in it without a final answer is in doubt.
    package init(
        account: AccountID, name: String = "ACCOUNT", capabilities: BrokerCapabilities,
        settings: DeskSettings = DeskSettings(), restart: DeskRestart = DeskRestart(),
        at now: Timestamp
    ) {
        self.account = account
        accountName = name
        self.capabilities = capabilities
        self.settings = settings
        self.now = now
        kill = restart.kill
        lostBefore = restart.lost
        began = min(restart.began ?? now, now)
        sharesNumbers = restart.sharesNumbers
        escalation = Escalation(settings.escalation, lockdown: restart.lockdown)
        backOff = BackOff(
            first: settings.firstWait, longest: settings.longestWait, seed: settings.seed)
        heartbeat.due = now
        hold = StartHold(
            isOn: settings.reconcileEvery != nil && settings.comparesAtStart, at: now)
        restore(restart.orders)
        if settings.reconcileEvery != nil {
            openOrders.want(at: now)
            if !hold.awaitsOrders { positions.want(at: now) }
            balances.want(at: now)
        }
        work()
    }

    /// Why the account is locked down, if it is.
    package var lockdown: String? { escalation.lockdown }

    /// - Parameter now: Desk time; one that goes back counts as the last.
    package mutating func handle(_ input: DeskInput, at now: Timestamp) {
        self.now = max(self.now, now)
        switch input {
        case .order(let approved): take(approved)
        case .cancel(let number, let reason): wish(for: number, reason)
        case .change(let approved): take(approved)
        case .answer(let id, let answer): answered(id, answer)
        case .news(let piece): hear(piece)
        case .kill(let on, let reason): turnKill(on, reason)
        case .resolve(let number, let resolution): resolve(number, resolution)
        case .release: release()
        case .reconcile(let reason): reconcile(reason)
        case .wake: break
        }
        work()
    }

    /// Everything asked for since the last call.
    package mutating func takeOutbox() -> DeskOutbox {
        let taken = outbox
        outbox = DeskOutbox()
        return taken
    }

    // MARK: Work

    /// Does what is due, in the order of the numbers.
    private mutating func work() {
        hold.hasNews = false
        giveUpCalls()
        var place = 0
        for number in active {
            guard let index = index(of: number, behind: &place), !entries[index].isAtRest else {
                continue
            }
            step(index)
        }
        askForThoseDue()
        var hasEnded = false
        place = 0
        for number in active {
            guard let index = index(of: number, behind: &place) else { continue }
            noteMemo(index)
            hasEnded = hasEnded || entries[index].isEnded
        }
        if hasEnded { dropEnded() }
        runErrands()
        noteSilence()
        // Behind the errands: a statement that is asked for while something is at work counts for nothing of it.
        noteDealings()
        forgetOld()
    }

    private mutating func dropEnded() {
        var place = 0
        active = active.filter { number in
            index(of: number, behind: &place).map { !entries[$0].isEnded } ?? false
        }
    }

    private mutating func giveUpCalls() {
        for index in calls.indices where !calls[index].isGivenUp && calls[index].deadline <= now {
            calls[index].isGivenUp = true
            answered(calls[index].purpose, calls[index].id, .lost)
        }
        let excess = calls.count { $0.isGivenUp } - Self.givenUpKept
        if excess > 0 {
            var left = excess
            calls.removeAll { call in
                guard call.isGivenUp, left > 0 else { return false }
                left -= 1
                return true
            }
        }
    }

    mutating func call(
        _ kind: DeskCall.Kind, for purpose: OpenCall.Purpose, limit: Nanoseconds
    ) -> CallID {
        let id = CallID(lastCall.value + 1)
        lastCall = id
        outbox.calls.append(DeskCall(id: id, kind: kind, limit: limit))
        let deadline = now.advanced(by: limit).advanced(by: settings.limits.grace)
        calls.append(OpenCall(id: id, purpose: purpose, deadline: deadline))
        return id
    }

    private mutating func answered(_ id: CallID, _ answer: DeskAnswer) {
        guard let at = calls.firstIndex(where: { $0.id == id }) else { return }
        let call = calls.remove(at: at)
        answered(call.purpose, id, answer)
    }

    private mutating func answered(
        _ purpose: OpenCall.Purpose, _ id: CallID, _ answer: DeskAnswer
    ) {
        noteLife(answer)
        switch purpose {
        case .place(let number): placed(number, id, answer)
        case .cancel(let number): cancelAnswered(number, id, answer)
        case .change(let number): changeAnswered(number, id, answer)
        case .question(let number): questionAnswered(number, id, answer)
        case .adoption(let number): adopted(number, id, answer)
        case .rollCall: rollCallAnswered(id, answer)
        case .heartbeat: heartbeatAnswered(id, answer)
        case .openOrders: openOrdersAnswered(id, answer)
        case .fills: fillsAnswered(id, answer)
        case .positions: positionsAnswered(id, answer)
        case .balances: balancesAnswered(id, answer)
        }
    }

    // MARK: Entries

    func index(of number: OrderNumber) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? low : nil
    }

    /// Of numbers that are looked up in their order: the next is mostly where the last one was, or right behind it.
    ///
    /// - Parameter place: Of the last one; at first 0.
    func index(of number: OrderNumber, behind place: inout Int) -> Int? {
        let near = min(place, entries.count)..<min(place + 2, entries.count)
        for near in near where entries[near].number == number {
            place = near
            return near
        }
        guard let index = index(of: number) else { return nil }
        place = index
        return index
    }

    mutating func insert(_ entry: DeskEntry) {
        // Nearly always the newest.
        let at =
            (entries.last?.number).map { $0 < entry.number } != false
            ? entries.endIndex
            : entries.firstIndex { $0.number > entry.number } ?? entries.endIndex
        entries.insert(entry, at: at)
        if !entry.isEnded { activate(entry.number) }
    }

    mutating func activate(_ number: OrderNumber) {
        if (active.last).map({ $0 < number }) != false { return active.append(number) }
        guard !active.contains(number) else { return }
        active.insert(number, at: active.firstIndex { $0 > number } ?? active.endIndex)
    }

    private mutating func forgetOld() {
        guard entries.count - active.count >= 2 * Self.endedKept else { return }
        var excess = entries.count - active.count - Self.endedKept
        var old: [PastOrder] = []
        entries.removeAll { entry in
            guard excess > 0, entry.isEnded else { return false }
            excess -= 1
            if let past = PastOrder(entry) { old.append(past) }
            return true
        }
        for order in old { past.keep(order, as: order.approved.number) }
    }

    // MARK: Saying

    mutating func note(
        _ code: FailSafeCode, severity: FailSafeCode.Severity? = nil, of entry: DeskEntry? = nil,
        _ text: String
    ) {
        outbox.notes.append(DeskNote(code, severity: severity, order: entry?.number, text))
    }

    /// A failure that counts toward a lockdown.
    mutating func escalate(_ code: FailSafeCode, _ what: String) {
        guard let reason = escalation.failed(what, at: now) else { return }
        tellLockdown(code, reason)
    }

    /// Locks the account down at once, for what is no failure of an order.
    mutating func lockDown(_ code: FailSafeCode, _ what: String) {
        guard escalation.lockdown == nil else { return note(code, severity: .critical, what) }
        escalation.lock(what)
        tellLockdown(code, what)
    }

    private mutating func tellLockdown(_ code: FailSafeCode, _ reason: String) {
        outbox.lockdown = .began(reason: reason)
        note(
            code, severity: .critical,
            "account '\(accountName)' is locked down at \(capabilities.name), nothing opens: \(reason)"
                + "; when that is mended: madang account release \(accountName)")
    }

    /// Why nothing that opens goes out, and the way back.
    package var lockedDown: String? { lockdown.map { lockedDown($0) } }
    func lockedDown(_ why: String) -> String {
        "the account is locked down: \(why); madang account release \(accountName)"
    }

    private mutating func release() {
        guard escalation.lockdown != nil else { return }
        escalation.release()
        outbox.lockdown = .released
    }
}

extension OrderDesk {
    /// Up to which number an order may have ended with something open and be known no more.
    var lost: OrderNumber? { [past.lost, lostBefore].compactMap(\.self).max() }
    /// The order that has this number at the broker, as far as the desk knows.
    package func holder(of broker: BrokerOrderID) -> OrderNumber? {
        // By places: an element that is handed out is a copy.
        entries.indices.first { entries[$0].isNumbered(broker) }.map { entries[$0].number }
    }
    /// Whether its end is wanted, was told, or came: then it is changed no more.
    package func isEnding(_ number: OrderNumber) -> Bool {
        index(of: number).map {
            entries[$0].isEnded || entries[$0].wish != nil || entries[$0].heldEnd != nil
        } ?? true
    }
    /// Whether only ``DeskInput/resolve(_:_:)`` can say what became of it.
    package func isWaitingForPerson(_ number: OrderNumber) -> Bool {
        index(of: number).map { entries[$0].doubt?.needsPerson == true } ?? false
    }
    /// Whether its outcome is unknown.
    package func isInDoubt(_ number: OrderNumber) -> Bool {
        index(of: number).map { entries[$0].stage == .inDoubt } ?? false
    }
}
