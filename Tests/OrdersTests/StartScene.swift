import Orders
import Ports
import TestKit
import TradingModel

/// A desk behind a start, with its broker's lists and statements by hand.
struct StartScene {
    var talk: Conversation
    var books: [Int64] = [0, 0]

    init(
        ids: BrokerCapabilities.ClientOrderIDs = .always, restart: DeskRestart = DeskRestart(),
        _ change: (inout DeskSettings) -> Void = { _ in }
    ) {
        talk = Conversation(ids: ids, restart: restart) {
            $0.reconcileEvery = .seconds(60)
            change(&$0)
        }
    }

    var adoptionCall: CallID? {
        talk.openCall { if case .adopt = $0 { true } else { false } }
    }
    var listCall: CallID? { talk.openCall { $0 == .openOrders } }
    var positionsCall: CallID? { talk.openCall { $0 == .positions } }
    mutating func list(_ orders: [BrokerOrder] = []) { talk.answer(listCall, .orders(orders)) }
    /// - Returns: What people are told of it.
    @discardableResult mutating func state(_ shares: [Int64] = [0, 0]) -> [Difference] {
        let held = shares.enumerated().filter { $0.element != 0 }.map { index, shares in
            BrokerPosition(
                instrument: InstrumentID(index), symbol: "S\(index)",
                quantity: .shares(shares), available: .shares(shares), averagePrice: nil)
        }
        talk.answer(positionsCall, .positions(held))
        let news = talk.desk.compare(
            DeskBooks(
                holdings: books.enumerated().map {
                    (InstrumentID($0.offset), .shares($0.element))
                },
                cash: nil), holdings: talk.said.holdings, cash: nil, currency: "KRW")
        // As its host does: at the time that it wants to be asked again.
        if let wake = talk.desk.wake, wake <= talk.now { talk.say(.wake) }
        return news
    }
    /// Three times over ten seconds.
    mutating func settle(_ shares: [Int64]) -> [Difference] {
        var news = state(shares)
        for _ in 0..<2 {
            talk.wait(5)
            news += state(shares)
        }
        return news
    }
    var ends: [BrokerReport] { talk.said.reports }

    static let byHand = BrokerOrder.of(.sample(7, shares: 4), "k1", isKnown: false)
    static func failed(_ reports: [BrokerReport], _ number: UInt64) -> String? {
        for case .failed(OrderNumber(number), let why) in reports { return why }
        return nil
    }
}
