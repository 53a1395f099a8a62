import Orders
import TradingModel

/// Calls and answers as the history tells them.
extension Happening.Question {
    init(_ kind: DeskCall.Kind) {
        switch kind {
        case .place(let approved): self = .order(approved.number)
        case .cancel(_, let order): self = .cancel(order)
        case .modify(_, let approved): self = .order(approved.number)
        case .order(_, let order): self = .order(order)
        case .orders: self = .orders
        case .openOrders: self = .openOrders
        case .fills: self = .fills
        case .positions: self = .positions
        case .balances: self = .balances
        case .heartbeat: self = .heartbeat
        case .adopt(let order, _, _): self = .adopt(order.number)
        }
    }
}

extension Happening.Outcome {
    init(_ answer: DeskAnswer, _ order: OrderNumber) {
        switch answer {
        case .placed(let id): self = .placed(order, id)
        case .failed(let error): self = .notPlaced(order, error)
        default: self = .lost
        }
    }

    init(_ answer: DeskAnswer, _ kind: DeskCall.Kind) {
        switch answer {
        case .placed(let id): self = .said("placed \(id)")
        case .done: self = .said("done")
        case .order(.none): self = .said("no such order")
        case .order(.cannotTell): self = .said("cannot tell")
        case .order(.found(let order)):
            self = .said("\(order.brokerID) \(order.state), filled \(order.filled)")
        case .orders(let orders): self = .said("\(orders.count) orders")
        case .fills(let fills): self = .said("\(fills.count) fills")
        case .positions(let positions):
            self = .said(positions.map { "\($0.symbol) \($0.quantity)" }.joined(separator: ", "))
        case .balances(let balances):
            self = .said(balances.map { "\($0.cash) \($0.currency)" }.joined(separator: ", "))
        case .heartbeat: self = .said("alive")
        case .failed(let error): self = .failed(error)
        case .noTurn: self = .said("nothing: it had no turn")
        case .lost: self = .lost
        }
    }
}
