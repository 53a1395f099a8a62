import Brokers
import Foundation
import Ports
import TradingModel

/// A request as the venue sees it, whatever brought it.
struct VenueRequest: Sendable {
    var method = "GET"
    var path = ""
    var query: [String: String] = [:]
    var token: String?
    var body: [UInt8] = []
}

/// What is answered, and how badly.
struct VenueAnswer: Hashable, Sendable {
    enum Way: Hashable, Sendable {
        case whole, half, nothing
        /// For as long as the asker cares to wait.
        case never
    }
    var status: Int
    var body: [UInt8]
    var way = Way.whole
    /// ns.
    var delay: Int64 = 0
    /// ns, as `Retry-After-Ns` and, in whole seconds, `Retry-After`.
    var retryAfter: Int64?

    init(_ status: Int, _ value: some Encodable) {
        self.status = status
        body = SimulatorWire.bytes(value)
    }
    static func failure(_ status: Int, _ code: String, _ words: String) -> VenueAnswer {
        VenueAnswer(status, SimulatorWire.Failure(code, words))
    }
}

extension SimulatedVenue {
    /// Answers a request of the broker's API, or treats it as a fault says.
    ///
    /// - Parameter now: ns of a monotonic clock.
    mutating func answer(_ request: VenueRequest, at now: Int64) -> VenueAnswer {
        guard let place = Self.place(of: request) else {
            return .failure(404, "not_found", "no \(request.method) \(request.path) here")
        }
        // One that would be turned away at the door meets no fault: what was ordered for a place strikes there.
        if let wait = overRate(at: now) { return tooMany(wait) }
        guard place == .login || admits(request.token, at: now) else {
            return .failure(401, "unauthorized", "the token has expired, or never was")
        }
        let fault = faults.meet(place)
        switch fault {
        case .loseRequest: return treated(.failure(500, "", ""), .nothing)
        case .hang: return treated(.failure(500, "", ""), .never)
        case .errorBefore: return .failure(500, "internal", "something broke")
        case .rateLimit(let wait): return tooMany(wait)
        case .maintenance(let wait):
            var answer = VenueAnswer.failure(503, "maintenance", "closed for maintenance")
            answer.retryAfter = wait > 0 ? wait : nil
            return answer
        case .unauthorized: return .failure(401, "unauthorized", "the session has ended")
        case .expireToken:
            tokens = [:]
            if place != .login {
                return .failure(401, "unauthorized", "the token has expired")
            }
        default: break
        }
        if place != .login, let token = request.token { tokens[token]?.left -= 1 }
        var answer = carryOut(request, at: now, lags: fault == .lag)
        switch fault {
        case .loseReply: answer.way = .nothing
        case .timeOut: answer.way = .never
        case .half: answer.way = .half
        case .errorAfter: return .failure(500, "internal", "something broke")
        case .garbage: answer.body = Array("<html>{\"oops\":".utf8) + [0xFF, 0x00]
        case .delay(let wait): answer.delay = wait
        default: break
        }
        return answer
    }

    private func treated(_ answer: VenueAnswer, _ way: VenueAnswer.Way) -> VenueAnswer {
        var answer = answer
        answer.way = way
        return answer
    }
    private func tooMany(_ wait: Int64) -> VenueAnswer {
        var answer = VenueAnswer.failure(429, "rate_limited", "too many requests")
        answer.retryAfter = max(1, wait)
        return answer
    }

    private static func place(of request: VenueRequest) -> FaultPlace? {
        switch (request.method, request.path) {
        case ("POST", "/oauth/token"): .login
        case ("POST", "/v1/orders"): .place
        case ("POST", "/v1/cancel"): .cancel
        case ("POST", "/v1/modify"): .modify
        case ("GET", "/v1/order"), ("GET", "/v1/orders"), ("GET", "/v1/fills"),
            ("GET", "/v1/positions"), ("GET", "/v1/balances"), ("GET", "/v1/time"):
            .question
        default: nil
        }
    }

    private mutating func carryOut(_ request: VenueRequest, at now: Int64, lags: Bool)
        -> VenueAnswer
    {
        switch request.path {
        case "/oauth/token":
            guard let login = SimulatorWire.read(SimulatorWire.Login.self, request.body) else {
                return .failure(400, "bad_request", "key and secret are needed, as JSON")
            }
            guard let token = self.login(login, at: now) else {
                return .failure(401, "unauthorized", "key and secret are not known")
            }
            return VenueAnswer(200, token)
        case "/v1/cancel":
            guard let cancel = SimulatorWire.read(SimulatorWire.Cancel.self, request.body) else {
                return .failure(400, "bad_request", "order_id or client_id is needed, as JSON")
            }
            return self.cancel(cancel)
        case "/v1/modify":
            guard let change = SimulatorWire.read(SimulatorWire.Modify.self, request.body) else {
                return .failure(
                    400, "bad_request",
                    "order_id or client_id, quantity and limit are needed as text, as JSON")
            }
            return modify(change)
        case "/v1/orders" where request.method == "POST":
            guard let order = SimulatorWire.read(SimulatorWire.NewOrder.self, request.body) else {
                return .failure(
                    400, "bad_request", "symbol, side, quantity are needed as text, as JSON")
            }
            return place(order)
        default: return ask(request, lags ? laggingAccount : account)
        }
    }

    private func ask(_ request: VenueRequest, _ account: PaperAccount) -> VenueAnswer {
        switch request.path {
        case "/v1/order":
            guard let broker = name(request.query["id"], request.query["client_id"]) else {
                return .failure(404, "not_found", "no such order")
            }
            guard case .found(let order) = account.order(.broker(broker)) else {
                return .failure(404, "not_found", "no such order")
            }
            return VenueAnswer(200, wire(order))
        case "/v1/orders":
            let since = request.query["since"].flatMap { Int64($0) }
            let orders =
                since.map { account.orders(since: Timestamp(nanoseconds: $0)) }
                ?? account.openOrders
            return VenueAnswer(200, SimulatorWire.Orders(orders: orders.map(wire)))
        case "/v1/fills":
            guard settings.fillHistory == .each else {
                return .failure(404, "not_found", "totals only: ask for the orders")
            }
            let since = Int64(request.query["since"] ?? "") ?? .min
            let fills = account.fills.filter { $0.time.nanoseconds >= since }
            return VenueAnswer(200, SimulatorWire.Fills(fills: fills.map(wire)))
        case "/v1/positions":
            return VenueAnswer(
                200,
                SimulatorWire.Positions(
                    positions: account.positions.map {
                        SimulatorWire.Position(
                            symbol: $0.symbol, quantity: "\($0.quantity)",
                            available: "\($0.available)",
                            average_price: $0.averagePrice.map { "\($0)" })
                    }))
        case "/v1/balances":
            let balance = account.balance
            return VenueAnswer(
                200,
                SimulatorWire.Balances(balances: [
                    SimulatorWire.Balance(
                        currency: balance.currency, cash: "\(balance.cash)",
                        available: "\(balance.available)")
                ]))
        default:
            return VenueAnswer(
                200, SimulatorWire.Time(time: account.now?.nanoseconds, reports: reportCount))
        }
    }

    func name(_ id: String?, _ client: String?) -> BrokerOrderID? {
        if let id { return BrokerOrderID(id) }
        guard settings.clientIDs != .none else { return nil }
        return client.flatMap { clients[$0] }
    }

    private mutating func place(_ new: SimulatorWire.NewOrder) -> VenueAnswer {
        guard let side = SimulatorWire.side(new.side), let quantity = Quantity(new.quantity) else {
            return .failure(400, "bad_request", "side is buy or sell, quantity a decimal")
        }
        var limit: Price?
        if let text = new.limit {
            guard let price = Price(text) else {
                return .failure(400, "bad_request", "limit is a decimal")
            }
            limit = price
        }
        guard let instrument = settings.instruments.first(where: { $0.symbol == new.symbol }) else {
            return .failure(422, "not_tradable", "no symbol \(new.symbol)")
        }
        if let refusal = objection(limit: limit, quantity: quantity) { return refusal }
        let client = settings.clientIDs == .none ? nil : new.client_id
        if let client {
            guard !client.isEmpty, client.utf8.count <= 64 else {
                return .failure(400, "bad_request", "client_id has 1 to 64 bytes")
            }
            if let known = clients[client], isTaken(known) {
                return .failure(422, "duplicate_client_id", "client_id names \(known)")
            }
        }
        let number = OrderNumber(ordersMade + 1)
        let order = Order(
            number: number, account: settings.account.account, instrument: instrument.id,
            side: side, quantity: quantity, limit: limit)
        do {
            let made = try account.place(order, as: ClientOrderID(high: 1, low: number.value))
            ordersMade += 1
            if let client {
                clients[client] = made.broker
                clientTexts[made.broker] = client
            }
            tell([.accepted(number, made.broker)])
            guard case .found(let found) = account.order(.broker(made.broker)) else {
                return .failure(500, "internal", "the order is gone")
            }
            return VenueAnswer(201, wire(found))
        } catch { return refusal(error) }
    }

    private func isTaken(_ broker: BrokerOrderID) -> Bool {
        guard settings.clientIDs == .whileOpen,
            case .found(let order) = account.order(.broker(broker))
        else { return true }
        return order.state == .working
    }

    private mutating func cancel(_ cancel: SimulatorWire.Cancel) -> VenueAnswer {
        guard let broker = name(cancel.order_id, cancel.client_id) else {
            return .failure(404, "nothing_to_cancel", "no such order")
        }
        if let next = replaced[broker] {
            return .failure(404, "nothing_to_cancel", "\(broker) is \(next) now")
        }
        do {
            tell([try account.cancel(.broker(broker))])
            return VenueAnswer(200, ["order_id": broker.text])
        } catch { return refusal(error) }
    }

    func refusal(_ error: BrokerError) -> VenueAnswer {
        let code =
            switch error.code {
            case .insufficient: "insufficient"
            case .priceRule: "price_rule"
            case .notTradable: "not_tradable"
            case .nothingToCancel: "nothing_to_cancel"
            default: "rejected"
            }
        return .failure(code == "nothing_to_cancel" ? 404 : 422, code, error.brokerMessage)
    }
}
