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
    }
    let since: Timestamp
    private(set) var awaitsOrders: Bool
    private(set) var awaitsHoldings: Bool
    /// Of which an order was open when the host began: it is compared when that is over, and held back by nothing.
    private let spared: Set<InstrumentID>
    /// Open ones of nobody here, in an instrument that is held back.
    private(set) var buys: [Buy] = []
    /// Those of the first list: one that a list lacks may be in the next.
    private var first: Set<BrokerOrderID> = []
    /// Instruments of which another quantity is held than the books have, or nobody can tell yet.
    private(set) var differing: [InstrumentID] = []
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

    init(isOn: Bool, spared: Set<InstrumentID>, at now: Timestamp) {
        (awaitsOrders, awaitsHoldings) = (isOn, isOn)
        self.spared = spared
        since = now
    }

    var awaitsBroker: Bool { awaitsOrders || awaitsHoldings }
    /// Of this desk alone.
    var isOver: Bool { !awaitsBroker && buys.isEmpty && differing.isEmpty }
    /// Lists of open orders say something.
    var readsLists: Bool { !isOver || !first.isEmpty }
    var instruments: [InstrumentID] { Set(differing + buys.map(\.instrument)).sorted() }
    func buy(of instrument: InstrumentID) -> BrokerOrderID? {
        buys.first { $0.instrument == instrument }?.id
    }
    func holds(_ instrument: InstrumentID) -> Bool {
        buy(of: instrument) != nil || differing.contains(instrument)
    }

    /// - Parameter strangers: Buys of nobody here that the list has open.
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
        let gone = buys.filter { !open.contains($0) }
        buys = open
        // They filled, or they did not: the next statement tells.
        for buy in gone where !differing.contains(buy.instrument) {
            differing.append(buy.instrument)
        }
        if !gone.isEmpty { isStated = false }
        return !gone.isEmpty
    }

    /// A statement that is answered now; it counts unless a list asks for another before it is looked at.
    mutating func heardHoldings() { isStated = !awaitsOrders }

    /// Of one instrument.
    ///
    /// - Parameter counts: Nothing of ours has moved there since it was asked for.
    mutating func take(_ instrument: InstrumentID, differs: Bool, counts: Bool) {
        if counts, !differs { return free(instrument) }
        guard awaitsHoldings, !differing.contains(instrument) else { return }
        if counts || !spared.contains(instrument) { differing.append(instrument) }
    }

    /// Both sides say the same of it, or the books were put right.
    mutating func free(_ instrument: InstrumentID) {
        guard let at = differing.firstIndex(of: instrument) else { return }
        differing.remove(at: at)
        hasNews = true
    }

    /// Of all instruments: what waits goes out, or is refused, or waits for the next.
    mutating func tookHoldings() {
        if !isOver { hasNews = true }
        awaitsHoldings = false
    }
}
