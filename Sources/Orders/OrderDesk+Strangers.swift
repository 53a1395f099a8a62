import Ports
import TradingModel

/// An open sale at the broker that nobody here has: what it is to sell nobody else can.
struct StrangersSale: Hashable, Sendable {
    let id: BrokerOrderID
    let instrument: InstrumentID
    let open: Quantity

    init?(_ other: BrokerOrder) {
        guard other.side == .sell, let instrument = other.instrument,
            let open = try? other.quantity.subtracting(other.filled)
        else { return nil }
        (id, self.instrument, self.open) = (other.brokerID, instrument, open)
    }
}

/// Open orders at the broker that nobody here has: people are told, and nothing is done about them.
extension OrderDesk {
    /// Told of in one life: what comes beyond is somebody's trading, and not a mistake of ours.
    private static let strangersTold = 4_096

    /// Asked for with holdings and cash, so that one that was placed by hand, by another program or by a run before this one
    /// is known before it fills.
    mutating func planOpenOrders() {
        guard let every = settings.reconcileEvery, openOrders.call == nil else { return }
        openOrders.want(at: now.advanced(by: every))
    }

    /// - Parameter other: Open there, under no number and no client order id of ours.
    func isTold(_ other: BrokerOrder) -> Bool { strangers.contains(other.brokerID) }

    mutating func tellStranger(_ other: BrokerOrder) {
        guard strangers.count < Self.strangersTold, strangers.insert(other.brokerID).inserted
        else { return }
        let price = other.limit.map { "limit \($0)" } ?? "at the market"
        let filled = other.filled == .zero ? "" : ", \(other.filled) of it filled"
        let client = other.clientID.map { ", client order id \($0)" } ?? ""
        // Also where something else holds it back already.
        let isHeld =
            other.side == .buy
            && other.instrument.map { hold.awaitsOrders || hold.holds($0) } == true
        let held = isHeld ? "; until it is over nothing opens in '\(other.symbol)'" : ""
        note(
            .drift, severity: .warning,
            "\(capabilities.name) has an open order that is none of ours: \(other.brokerID), a"
                + " \(other.side) of \(other.quantity) '\(other.symbol)' \(price)\(filled)\(client);"
                + " it is left alone, and what it fills will be missing in the books: if nobody wants it,"
                + " cancel it there\(held)")
    }

    /// Who sells there what a sale of ours was to sell; empty where nobody is known to.
    func saleWords(_ entry: DeskEntry, _ error: BrokerError) -> String {
        guard error.code == .insufficient, entry.order.side == .sell else { return "" }
        let others = sales.filter { $0.instrument == entry.order.instrument }
        guard let first = others.first else { return "" }
        let more = others.count > 1 ? ", and \(others.count - 1) more" : ""
        return
            "; by its last list \(first.open) of it is in \(first.id), an open sale that is none of"
            + " ours\(more): what that holds cannot be sold before it is cancelled there"
    }

    /// Whether it may be one that the desk has and does not know by this number yet: a change on its way may have made it,
    /// and where the broker keeps no client order ids one on its way or in doubt looks like it.
    func mayBeOurs(_ other: BrokerOrder) -> Bool {
        guard other.clientID == nil else { return false }
        let byLooks = capabilities.clientOrderIDs == .none
        return active.contains { number in
            guard let index = index(of: number), !entries[index].isEnded else { return false }
            let entry = entries[index]
            // What was never sent is at no broker.
            return !entry.isUntried && entry.order.instrument == other.instrument
                && entry.order.side == other.side
                && (entry.change?.isWritten == true
                    || byLooks && (entry.isInFlight || entry.broker == nil))
        }
    }
}
