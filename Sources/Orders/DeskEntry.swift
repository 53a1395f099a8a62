import Ports
import TradingModel

/// Something done by a call, again until it has an answer. Idle: neither due nor under way.
struct Errand: Hashable, Sendable {
    var due: Timestamp?
    var call: CallID?
    /// Failed in a row.
    var tries = 0

    func isReady(at now: Timestamp) -> Bool { call == nil && due.map { $0 <= now } == true }
    var isPending: Bool { call != nil || due != nil }
    var wake: Timestamp? { call == nil ? due : nil }
    mutating func began(_ id: CallID) {
        call = id
        due = nil
    }
    mutating func succeeded() {
        call = nil
        tries = 0
    }
    /// - Parameter isTry: Whether somebody was asked; what never had its turn was not tried.
    mutating func failed(retryAt time: Timestamp, isTry: Bool = true) {
        call = nil
        if isTry { tries += 1 }
        due = time
    }
    /// Its call never had its turn: it waits on, and no try is counted.
    mutating func waitsOn(at now: Timestamp) { failed(retryAt: now, isTry: false) }
    /// Once more, as soon as may be.
    mutating func want(at time: Timestamp) { due = min(due ?? time, time) }
    mutating func drop() { self = Errand() }
}

/// One order as the desk sees it.
struct DeskEntry: Hashable, Sendable {
    enum Stage: Hashable, Sendable {
        case waiting(notBefore: Timestamp)
        case placing(CallID)
        case inDoubt
        case working
        case ended(OrderEnd)
    }
    struct Doubt: Hashable, Sendable {
        let since: Timestamp
        /// Answers "none" in a row, and when the first came.
        var nones = 0
        var firstNone: Timestamp?
        /// A "none" before it proves nothing: the request may still be on its way.
        var conclusiveFrom = Timestamp(nanoseconds: .min)
        /// The broker cannot be asked by name: it is found by what it looks like, or not.
        var byLooks = false
        /// Only a person can tell.
        var needsPerson = false
        /// People have heard what became of it.
        var isToldKnown = false
    }
    /// What a total has more than the books, until its fills are listed or are waited for no longer.
    struct Shortfall: Hashable, Sendable {
        let since: Timestamp
        /// The last call that was made by then. A list that was asked for before says nothing of it; two that were made at one
        /// instant are told apart by this.
        let after: CallID
        /// Lists of fills that lacked it, and when the last of them was asked for.
        var lists = 0
        var lastAsked = Timestamp(nanoseconds: .min)
    }
    /// As it is now: a change that was taken is in it.
    var approved: ApprovedOrder
    var stage: Stage
    var broker: BrokerOrderID?
    /// Before changes.
    var formerNumbers: [BrokerOrderID] = []
    var change: DeskChange?
    /// Places made.
    var tries = 0
    /// When the last place was made; of a former process: when it was approved.
    var sentAt: Timestamp
    var doubt: Doubt?
    /// Asks the broker for it.
    var question = Errand()
    /// A list of orders did not have it, or did not come: it is asked for by itself.
    var asksAlone = false
    /// The broker's number that a person names: the broker is asked for it before it is believed.
    var claim: BrokerOrderID?
    var adoption = Errand()
    /// The adapter cannot be asked for it by its number before it is made ours again.
    var isForgotten = false
    var wish: String?
    var cancelling = Errand()
    /// The broker took the cancel, and its end has not come.
    var cancelTakenAt: Timestamp?
    /// It took a cancel of an order that was not known there by then: proof that it was there, for good.
    var cancelIsProof = false
    /// What the log has of it beside facts; `nil`: nothing.
    var loggedMemo: OrderMemo?
    var toldCancel = false
    /// An end that the broker told and that waits for the totals.
    var heldEnd: (end: OrderEnd, reason: String)? {
        get { heldKind.map { ($0, heldReason) } }
        set {
            heldKind = newValue?.end
            heldReason = newValue?.reason ?? ""
        }
    }
    private var heldKind: OrderEnd?
    private var heldReason = ""
    /// The kernel has heard its end already: only fills are told of it.
    var isGhost = false

    /// What each id said, by id.
    var heard: [UInt32: HeardFill] = [:]
    /// Of fills heard one by one.
    var heardUnits: Int128 = 0
    /// What the kernel was told, from fills or from totals.
    var bookedUnits: Int128 = 0
    var bookedValue: Int128 = 0
    var differences: UInt32 = 0
    /// The broker's total is more than what was booked.
    var shortfall: Shortfall?
    /// Answers "it works" behind an end that the broker told.
    var lags = 0
    /// That the broker answers with another order's state is told once.
    var toldStranger = false
    /// That the broker has a second one with its client order id is told once.
    var toldTwin = false

    init(_ approved: ApprovedOrder, stage: Stage) {
        self.approved = approved
        self.stage = stage
        sentAt = approved.approvedAt
    }
    var number: OrderNumber { approved.number }
    var order: Order { approved.order }
    var name: OrderName { broker.map { .broker($0) } ?? .client(approved.client) }
    var isEnded: Bool { if case .ended = stage { true } else { false } }
    /// A step has nothing to do for it, whatever the time is: it is over, or nothing is due of it and nobody wants
    /// anything of it.
    var isAtRest: Bool {
        switch stage {
        case .waiting: false
        case .placing: claim == nil
        case .ended: true
        case .inDoubt, .working:
            question.due == nil && wish == nil && change == nil && claim == nil
                && adoption.due == nil
        }
    }
    var isUnsent: Bool { if case .waiting = stage { true } else { false } }
    /// No call of it was ever made.
    var isUntried: Bool { isUnsent && tries == 0 }
    var isInFlight: Bool {
        switch stage {
        case .placing, .inDoubt: true
        case .waiting, .working, .ended: false
        }
    }
    /// What it can come to: until a change has its answer, of either terms.
    var whole: Quantity { change.map { max(order.quantity, $0.to.quantity) } ?? order.quantity }
    var isFull: Bool { bookedUnits >= Int128(whole.units) }
    /// Whether the number is or was its own.
    func isNumbered(_ id: BrokerOrderID) -> Bool { broker == id || formerNumbers.contains(id) }

    /// Ids of differences begin here; a broker's own are below.
    static let firstDifference: UInt32 = 0x8000_0000

    /// An id that the log has: the next difference takes another.
    mutating func noteDifference(_ id: UInt32) {
        let number = id - Self.firstDifference
        // The last of all has no next: only a broker's own nonsense, booked long ago, can be it.
        if id < .max { differences = max(differences, number + 1) }
    }
}

/// What a fill said, for when its id comes again.
struct HeardFill: Hashable, Sendable {
    let price: Price
    let quantity: Quantity
    init(_ fill: Fill) {
        price = fill.price
        quantity = fill.quantity
    }
}
