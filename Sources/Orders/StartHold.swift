import Ports
package import TradingModel

/// What opens at a start waits until the books were held against what the broker has (R8.7).
///
/// A run that begins has empty books, whatever a run before it bought or left open there: what its strategies open would
/// be had twice. So it waits for the first list of open orders and the first statement of holdings. In an instrument of
/// which those tell something else than the books it waits on while that may be a list that lags, and is refused when it
/// counts as a difference. What only reduces passes, and every cancel.
struct StartHold: Hashable, Sendable {
    struct Buy: Hashable, Sendable {
        let id: BrokerOrderID
        let instrument: InstrumentID
    }
    private(set) var awaitsOrders: Bool
    private(set) var awaitsHoldings: Bool
    /// Open ones of nobody here, as the first list has them.
    private(set) var buys: [Buy] = []
    /// Instruments of which another quantity is held than the books have.
    private(set) var differing: [InstrumentID] = []
    /// A statement came, and nobody has looked since at what waits for it.
    var hasNews = false
    /// That the broker cannot be asked is told once.
    var toldSilence = false

    init(isOn: Bool) { (awaitsOrders, awaitsHoldings) = (isOn, isOn) }

    var awaitsBroker: Bool { awaitsOrders || awaitsHoldings }
    var isOver: Bool { !awaitsBroker && buys.isEmpty && differing.isEmpty }
    func buy(of instrument: InstrumentID) -> BrokerOrderID? {
        buys.first { $0.instrument == instrument }?.id
    }
    func holds(_ instrument: InstrumentID) -> Bool {
        buy(of: instrument) != nil || differing.contains(instrument)
    }

    /// - Parameter strangers: Buys of nobody here that the list has open.
    /// - Returns: Whether holdings have to be asked for: one that is in no list may have filled, so a statement counts
    ///   that was asked for behind the list.
    mutating func takeOrders(_ strangers: [Buy]) -> Bool {
        if awaitsOrders {
            awaitsOrders = false
            buys = strangers
            return true
        }
        let gone = buys.filter { !strangers.contains($0) }
        guard !gone.isEmpty else { return false }
        buys.removeAll { gone.contains($0) }
        // It filled, or it did not: the next statement tells.
        for buy in gone where !differing.contains(buy.instrument) {
            differing.append(buy.instrument)
        }
        return true
    }

    /// Of one instrument, by a statement that counts.
    mutating func take(_ instrument: InstrumentID, differs: Bool) {
        if differs {
            if awaitsHoldings, !differing.contains(instrument) { differing.append(instrument) }
        } else {
            free(instrument)
        }
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

extension OrderDesk {
    /// Why what opens in the instrument does not go out; `nil`: nothing holds it.
    ///
    /// - Returns: In words, and whether that counts: what is not sure yet is waited for.
    func heldBack(_ instrument: InstrumentID) -> (why: String, isSure: Bool)? {
        guard !hold.isOver else { return nil }
        if hold.awaitsBroker {
            return ("\(capabilities.name) has not said yet what is held and open there", false)
        }
        if let buy = hold.buy(of: instrument) {
            return (
                "since this start \(capabilities.name) has an open buy of it that is none of ours, \(buy):"
                    + " nothing opens beside it until it is over there", true
            )
        }
        guard hold.differing.contains(instrument) else { return nil }
        guard case .holding(_, let books, let stated)? = difference(of: instrument) else {
            return (
                "\(capabilities.name) and the books do not hold the same of it, or that is not sure yet",
                false
            )
        }
        return (
            "at this start the books held \(books) of it and \(capabilities.name) \(stated): nothing opens in it"
                + " until both say the same; look who traded, then madang positions correct", true
        )
    }

    private func difference(of instrument: InstrumentID) -> Difference? {
        differences.first { $0.subject == .holding(instrument) }
    }

    /// Whether nothing opens in it since the start, whatever it still waits for.
    package func holdsBack(_ instrument: InstrumentID) -> Bool { hold.holds(instrument) }

    /// The first list and the first statement are asked for until they come.
    mutating func noteSilence(_ errand: Errand, _ answer: DeskAnswer) {
        guard hold.awaitsBroker, !hold.toldSilence, !isDown,
            errand.tries >= max(1, settings.heartbeatsLost)
        else { return }
        hold.toldSilence = true
        var why = "no answer"
        if case .failed(let error) = answer { why = "\(error)" }
        note(
            .brokerDown, severity: .critical,
            "\(capabilities.name) does not tell what is held and open there (\(why)): nothing opens until it"
                + " does; what is held is guarded, and sold, all the same")
    }

    /// Open buys of nobody here.
    mutating func takeStrangers(_ list: [BrokerOrder]) {
        guard !hold.isOver else { return }
        let buys = list.compactMap { other -> StartHold.Buy? in
            guard other.side == .buy, let instrument = other.instrument else { return nil }
            return StartHold.Buy(id: other.brokerID, instrument: instrument)
        }
        if hold.takeOrders(buys) { positions = Errand(due: now) }
    }
}
