import Ports
package import TradingModel

/// What a start holds back; see ``StartHold``.
extension OrderDesk {
    /// Why what opens in the instrument does not go out; `nil`: nothing holds it.
    ///
    /// - Returns: In words, and whether that counts: what is not sure yet is waited for.
    func heldBack(_ instrument: InstrumentID) -> (why: String, isSure: Bool)? {
        if let own = heldHere(instrument) { return own }
        guard !hold.others.isEmpty else { return nil }
        for other in hold.others {
            if other.awaitsBroker { return (Self.silence(other.name), false) }
            if let held = other.held.first(where: { $0.instrument == instrument }) {
                return (held.why, held.isSure)
            }
        }
        return nil
    }

    private func heldHere(_ instrument: InstrumentID) -> (why: String, isSure: Bool)? {
        guard !hold.isOver else { return nil }
        if hold.awaitsBroker { return (Self.silence(capabilities.name), false) }
        if let buy = hold.buy(of: instrument) {
            let whose = buy.mayBeOurs ? "may be one of ours or not" : "is none of ours"
            return (
                "since this start \(capabilities.name) has an open buy of it that \(whose), \(buy.id):"
                    + " nothing opens beside it until it is over there\(buy.mayBeOurs ? ", or known" : "")",
                !buy.mayBeOurs
            )
        }
        guard hold.differing.contains(instrument) else { return nil }
        guard
            case .holding(_, let books, let stated)? = differences.first(where: {
                $0.subject == .holding(instrument)
            })
        else {
            let numbers = hold.last(of: instrument).map { ": \($0.stated) and \($0.books)" } ?? ""
            return (
                "since this start \(capabilities.name) and the books do not hold the same of it, or that is"
                    + " not sure yet\(numbers)", false
            )
        }
        return (
            "since this start the books do not hold what \(capabilities.name) does, \(books) and \(stated) now:"
                + " nothing opens in it until both say the same; look who traded, then madang positions"
                + " correct", true
        )
    }

    private static func silence(_ name: String) -> String {
        "\(name) has not said yet what is held and open there"
    }

    /// What a difference means for what opens; empty where it holds nothing back.
    package func holdWords(_ instrument: InstrumentID) -> String {
        guard hold.holds(instrument) else { return "" }
        let buy =
            hold.buy(of: instrument).map {
                ", and the open buy \($0.id) is over\($0.mayBeOurs ? ", or known" : "")"
            } ?? ""
        return "; it is so since the start, and until both say the same\(buy) nothing opens in it"
    }

    /// Whether nothing opens in it since the start, by this desk.
    package func holdsBack(_ instrument: InstrumentID) -> Bool { hold.holds(instrument) }

    // MARK: What comes

    /// An order of ours is known, or it has its number: an open buy that looked like it is ours or not by the next list.
    mutating func lookWhoseBuyIs(_ index: Int) {
        if hold.buy(of: entries[index].order.instrument)?.mayBeOurs == true {
            openOrders.want(at: now)
        }
    }

    /// Open orders of nobody here, and buys of which nobody can say yet whose they are.
    mutating func takeStrangers(_ list: [BrokerOrder], unclear: [BrokerOrder]) {
        sales = list.compactMap(StrangersSale.init)
        guard hold.readsLists else { return }
        func buys(_ orders: [BrokerOrder], mayBeOurs: Bool) -> [StartHold.Buy] {
            orders.compactMap { other in
                guard other.side == .buy, let instrument = other.instrument else { return nil }
                return StartHold.Buy(
                    id: other.brokerID, instrument: instrument, mayBeOurs: mayBeOurs)
            }
        }
        let buys = buys(list, mayBeOurs: false) + buys(unclear, mayBeOurs: true)
        if hold.takeOrders(buys) { positions = Errand(due: now) }
    }

    /// Nobody knows what opens beside what for as long as the broker does not tell.
    mutating func noteSilence() {
        let isSilent = hold.awaitsBroker && !isDown && now >= silenceEnds
        if isSilent, !hold.toldSilence {
            hold.toldSilence = true
            note(
                .brokerDown, severity: .critical,
                "\(capabilities.name) has not told in \(patience.count / 1_000_000_000) s what is held"
                    + " and open there: nothing opens until it does; what is held is guarded, and sold, all the"
                    + " same")
        } else if hold.toldSilence, !hold.awaitsBroker {
            hold.toldSilence = false
            note(
                .brokerDown, severity: .info,
                "\(capabilities.name) tells what is held and open there")
        }
    }
    var silenceEnds: Timestamp { hold.since.advanced(by: patience) }
    private var patience: Nanoseconds { max(settings.pollsOver, .seconds(10)) }

    /// What one desk of an account holds back the others do not open either. Told whenever something was heard.
    ///
    /// - Returns: Whether something has changed for one.
    package static func shareHolds(_ desks: inout [OrderDesk]) -> Bool {
        guard desks.count > 1,
            desks.contains(where: { !$0.hold.isOver || !$0.hold.others.isEmpty })
        else { return false }
        var hasChanged = false
        for index in desks.indices {
            let others = desks.indices.compactMap { other -> StartHold.Other? in
                guard other != index, desks[other].account == desks[index].account else {
                    return nil
                }
                return desks[other].heldForOthers
            }
            guard desks[index].hold.others != others else { continue }
            desks[index].hold.others = others
            desks[index].hold.hasNews = true
            hasChanged = true
        }
        return hasChanged
    }

    private var heldForOthers: StartHold.Other? {
        guard !hold.isOver else { return nil }
        return StartHold.Other(
            name: capabilities.name, awaitsBroker: hold.awaitsBroker,
            held: hold.instruments.compactMap { instrument in
                heldHere(instrument).map {
                    StartHold.Other.Held(instrument: instrument, why: $0.why, isSure: $0.isSure)
                }
            })
    }
}
