import Foundation
package import TradingModel

/// What madang-sim and its adapter say to each other: JSON, numbers with decimals as text, times
/// in ns since 1970.
///
/// Field names are the wire's. Unknown fields are passed over, so that either side may grow first.
package enum SimulatorWire {
    package struct Login: Codable, Sendable {
        package var key: String
        package var secret: String
        package init(key: String, secret: String) {
            self.key = key
            self.secret = secret
        }
    }
    package struct Token: Codable, Sendable {
        package var token: String
        package var expires_in: Int64
        package init(token: String, expires_in: Int64) {
            self.token = token
            self.expires_in = expires_in
        }
    }
    package struct NewOrder: Codable, Hashable, Sendable {
        package var client_id: String?
        package var symbol: String
        package var side: String
        package var quantity: String
        package var limit: String?
        package init(
            client_id: String?, symbol: String, side: String, quantity: String, limit: String?
        ) {
            self.client_id = client_id
            self.symbol = symbol
            self.side = side
            self.quantity = quantity
            self.limit = limit
        }
    }
    package struct Cancel: Codable, Sendable {
        package var order_id: String?
        package var client_id: String?
        package init(order_id: String?, client_id: String?) {
            self.order_id = order_id
            self.client_id = client_id
        }
    }
    /// A change of an open order: absolute, all of it with what is filled.
    package struct Modify: Codable, Sendable {
        package var order_id: String?
        package var client_id: String?
        package var quantity: String
        package var limit: String
        package init(order_id: String?, client_id: String?, quantity: String, limit: String) {
            self.order_id = order_id
            self.client_id = client_id
            self.quantity = quantity
            self.limit = limit
        }
    }
    package struct OrderState: Codable, Hashable, Sendable {
        package var order_id: String
        package var client_id: String?
        package var symbol: String
        package var side: String
        package var quantity: String
        package var limit: String?
        package var filled: String
        package var filled_value: String
        package var state: String
        package var placed_at: Int64?
        /// Its numbers before changes, the first first.
        package var former_ids: [String]?
        package init(
            order_id: String, client_id: String?, symbol: String, side: String, quantity: String,
            limit: String?, filled: String, filled_value: String, state: String, placed_at: Int64?,
            former_ids: [String]? = nil
        ) {
            self.order_id = order_id
            self.client_id = client_id
            self.symbol = symbol
            self.side = side
            self.quantity = quantity
            self.limit = limit
            self.filled = filled
            self.filled_value = filled_value
            self.state = state
            self.placed_at = placed_at
            self.former_ids = former_ids
        }
    }
    package struct Orders: Codable, Sendable {
        package var orders: [OrderState]
        package init(orders: [OrderState]) { self.orders = orders }
    }
    package struct FillState: Codable, Hashable, Sendable {
        package var order_id: String
        package var id: UInt32
        package var price: String
        package var quantity: String
        package var fee: String
        package var time: Int64
        /// What of the fee is tax; absent where the broker does not tell it.
        package var tax: String?
        package init(
            order_id: String, id: UInt32, price: String, quantity: String, fee: String, time: Int64,
            tax: String? = nil
        ) {
            self.order_id = order_id
            self.id = id
            self.price = price
            self.quantity = quantity
            self.fee = fee
            self.time = time
            self.tax = tax
        }
    }
    package struct Fills: Codable, Sendable {
        package var fills: [FillState]
        package init(fills: [FillState]) { self.fills = fills }
    }
    package struct Position: Codable, Sendable {
        package var symbol: String
        package var quantity: String
        package var available: String
        package var average_price: String?
        package init(symbol: String, quantity: String, available: String, average_price: String?) {
            self.symbol = symbol
            self.quantity = quantity
            self.available = available
            self.average_price = average_price
        }
    }
    package struct Positions: Codable, Sendable {
        package var positions: [Position]
        package init(positions: [Position]) { self.positions = positions }
    }
    package struct Balance: Codable, Sendable {
        package var currency: String
        package var cash: String
        package var available: String
        package init(currency: String, cash: String, available: String) {
            self.currency = currency
            self.cash = cash
            self.available = available
        }
    }
    package struct Balances: Codable, Sendable {
        package var balances: [Balance]
        package init(balances: [Balance]) { self.balances = balances }
    }
    package struct Time: Codable, Sendable {
        package var time: Int64?
        /// The number of the last report so far.
        package var reports: UInt64?
        package init(time: Int64?, reports: UInt64?) {
            self.time = time
            self.reports = reports
        }
    }
    package struct Failure: Codable, Sendable {
        package struct Detail: Codable, Sendable {
            package var code: String
            package var message: String
            package init(code: String, message: String) {
                self.code = code
                self.message = message
            }
        }
        package var error: Detail
        package init(_ code: String, _ message: String) {
            error = Detail(code: code, message: message)
        }
    }
    /// One message of the stream. `hello` is the first on a line, and tells the number of the last
    /// report so far.
    package struct Report: Codable, Hashable, Sendable {
        package var seq: UInt64
        /// `hello`, `accepted`, `changed`, `filled`, `cancelled`, `expired`.
        package var type: String
        package var order: OrderState?
        package var fill: FillState?
        package var reason: String?
        package init(
            seq: UInt64, type: String, order: OrderState? = nil, fill: FillState? = nil,
            reason: String? = nil
        ) {
            self.seq = seq
            self.type = type
            self.order = order
            self.fill = fill
            self.reason = reason
        }
    }

    package static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { [UInt8]($0) } ?? []
    }
    /// - Returns: `nil` for anything that is no such value.
    package static func read<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }

    package static func text(_ side: Side) -> String { side == .buy ? "buy" : "sell" }
    package static func side(_ text: String) -> Side? {
        text == "buy" ? .buy : text == "sell" ? .sell : nil
    }
}
