import TradingModel

/// What opens at a start waits until the books were held against what the broker has (R8.7).
///
/// A run that begins has empty books, whatever a run before it bought or left open there: what its strategies open would
/// be had twice. So it waits for the first list of open orders and for a statement of holdings that was asked for behind
/// it. In an instrument of which those tell something else than the books it waits on while that may be a list that lags,
/// and is refused when it counts as a difference. What only reduces passes, and every cancel.
struct StartHold: Hashable, Sendable {
    struct Buy: Hashable, Sendable {
        let id: BrokerOrderID
        let instrument: InstrumentID
        /// Or of ours: one in doubt looks like it.
        var mayBeOurs = false
    }
    /// Of an instrument of which both sides do not say the same, or nobody can tell yet.
    private struct Doubt: Hashable, Sendable {
        let instrument: InstrumentID
        /// Somebody's buy is open there no more: a list of what is held may lag behind its fill.
        var isOfBuy = false
        /// Statements in a row that say the same as the books, and since when.
        var equal = 0
        var since = Timestamp.zero
        /// The last one did not, and the one before it did.
        var isBroken = false
        /// As it stood last.
        var books = Quantity.zero
        var stated = Quantity.zero

        init(_ instrument: InstrumentID, isOfBuy: Bool = false) {
            self.instrument = instrument
            self.isOfBuy = isOfBuy
        }
    }
    /// Since when the broker is silent.
    var since: Timestamp
    private(set) var awaitsOrders: Bool
    private(set) var awaitsHoldings: Bool
    /// Open ones of nobody here, as far as is known, in an instrument that is held back.
    private(set) var buys: [Buy] = []
    /// Those of the first list: one that a list lacks may be in the next.
    private var first: Set<BrokerOrderID> = []
    private var doubts: [Doubt] = []
    /// The last statement was asked for behind the last list that asked for one.
    private(set) var isStated = false
    /// A statement came, and nobody has looked since at what waits for it.
    var hasNews = false
    /// That the broker is silent was told.
    var toldSilence = false
    /// What other desks of the account hold back.
    var others: [Other] = []

    struct Other: Hashable, Sendable {
        struct Held: Hashable, Sendable {
            let instrument: InstrumentID
            let why: String
            let isSure: Bool
        }
        /// Of its broker.
        let name: String
        let awaitsBroker: Bool
        let held: [Held]
    }

    init(isOn: Bool, at now: Timestamp) {
        (awaitsOrders, awaitsHoldings) = (isOn, isOn)
        since = now
    }

    var awaitsBroker: Bool { awaitsOrders || awaitsHoldings }
    /// Of this desk alone.
    var isOver: Bool { !awaitsBroker && buys.isEmpty && doubts.isEmpty }
    /// Lists of open orders say something.
    var readsLists: Bool { !isOver || !first.isEmpty }
    /// Of which both sides do not say the same, or nobody can tell yet.
    var differing: [InstrumentID] { doubts.map(\.instrument) }
    /// Some statements in a row have said the same, and more have to; or the last one broke the row.
    var isAgreeing: Bool { doubts.contains { $0.equal > 0 || $0.isBroken } }
    var instruments: [InstrumentID] { Set(differing + buys.map(\.instrument)).sorted() }
    /// What was stated last of one that is in doubt, where it is not what the books have.
    func last(of instrument: InstrumentID) -> (books: Quantity, stated: Quantity)? {
        doubts.first { $0.instrument == instrument && $0.books != $0.stated }
            .map { ($0.books, $0.stated) }
    }
    /// One that is certainly none of ours goes first.
    func buy(of instrument: InstrumentID) -> Buy? {
        let all = buys.filter { $0.instrument == instrument }
        return all.first { !$0.mayBeOurs } ?? all.first
    }
    func holds(_ instrument: InstrumentID) -> Bool {
        buy(of: instrument) != nil || doubts.contains { $0.instrument == instrument }
    }

    /// - Parameter strangers: Buys that the list has open and nobody here is known to have.
    /// - Returns: Whether holdings have to be asked for: one that is in no list any more may have filled, so a statement
    ///   counts that was asked for behind the list.
    mutating func takeOrders(_ strangers: [Buy]) -> Bool {
        if awaitsOrders {
            awaitsOrders = false
            isStated = false
            buys = strangers
            first = Set(strangers.map(\.id))
            return true
        }
        // Under another number it may be the same one.
        let open = strangers.filter { holds($0.instrument) || first.contains($0.id) }
        let gone = buys.filter { buy in
            !open.contains { $0.id == buy.id && $0.instrument == buy.instrument }
        }
        buys = open
        // They filled, or they did not: what is held tells.
        for buy in gone {
            doubts.removeAll { $0.instrument == buy.instrument }
            doubts.append(Doubt(buy.instrument, isOfBuy: true))
        }
        if !gone.isEmpty { isStated = false }
        return !gone.isEmpty
    }

    /// A statement that is answered now; it counts unless a list asks for another before it is looked at.
    mutating func heardHoldings() { isStated = !awaitsOrders }

    /// What one instrument is on both sides.
    ///
    /// An order of ours that is open there, or somebody's that just was, may have filled since it was stated: then one
    /// statement that says the same is chance, and so many of them over the span are not.
    ///
    /// - Parameter counts: Nothing of ours has moved there since it was asked for.
    mutating func take(
        _ instrument: InstrumentID, books: Quantity, stated: Quantity, counts: Bool,
        at now: Timestamp, polls: Int, over span: Nanoseconds
    ) {
        let differs = books != stated
        let known = doubts.firstIndex { $0.instrument == instrument }
        if known == nil {
            guard awaitsHoldings, differs || !counts else { return }
            doubts.append(Doubt(instrument))
        }
        let at = known ?? doubts.endIndex - 1
        (doubts[at].books, doubts[at].stated) = (books, stated)
        doubts[at].isBroken = differs && doubts[at].equal > 0
        guard !differs else { return doubts[at].equal = 0 }
        if doubts[at].equal == 0 { doubts[at].since = now }
        doubts[at].equal += 1
        let isLong = doubts[at].equal >= polls && now.since(doubts[at].since) >= span
        if isLong || counts && !doubts[at].isOfBuy { free(instrument) }
    }

    /// Both sides say the same of it, or the books were put right.
    mutating func free(_ instrument: InstrumentID) {
        guard let at = doubts.firstIndex(where: { $0.instrument == instrument }) else { return }
        doubts.remove(at: at)
        hasNews = true
    }

    /// Of all instruments: what waits goes out, or is refused, or waits for the next.
    mutating func tookHoldings() {
        if !isOver { hasNews = true }
        awaitsHoldings = false
    }
}
