import HTTPTransport
import Platform
import Ports
import TradingModel

extension SimulatedBroker {
    /// A login: its token, and until when it is good.
    struct Session {
        var token: Secret?
        /// Counts logins, so that a refusal of an older token ends no newer one.
        var number = 0
        /// Monotonic ns after which a new one is fetched: before the end.
        var renewAt = Int64.min
        var isUnderWay = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    /// How a refusal begins that means: the id is taken already.
    static let duplicate = "duplicate_client_id: "

    // MARK: Login

    /// Idempotent: a second login leaves the first token as it is. Its limit is its caller's.
    private func token(_ deadline: Int64) async throws(BrokerError) -> (token: Secret, number: Int)
    {
        while session.isUnderWay {
            await withCheckedContinuation { session.waiters.append($0) }
        }
        if let token = session.token, clock.monotonic() < session.renewAt {
            return (token, session.number)
        }
        session.isUnderWay = true
        defer {
            session.isUnderWay = false
            for waiter in session.waiters { waiter.resume() }
            session.waiters = []
        }
        let began = clock.monotonic()
        let body = settings.secret.withText {
            SimulatorWire.bytes(SimulatorWire.Login(key: settings.key, secret: $0))
        }
        let request = try self.request(.post, "/oauth/token", body, deadline)
        let response: HTTPResponse
        do throws(HTTPError) { response = try await client.send(request) } catch {
            throw BrokerError(.offline, "login: \(error)")
        }
        guard response.status == 200 else {
            throw failure(response, isWritten: false)
                ?? BrokerError(.offline, "login: \(response.status)")
        }
        guard let made = SimulatorWire.read(SimulatorWire.Token.self, response.body) else {
            throw unreadable
        }
        let token = Secret(made.token)
        let life = max(0, min(made.expires_in, 31_536_000)) * 1_000_000_000
        session.token = token
        session.number += 1
        session.renewAt = began + life - life / 10
        return (token, session.number)
    }

    func forgetToken(_ number: Int) { if session.number == number { session.token = nil } }

    /// For the stream: the header that lets it in.
    func streamHeader(_ limit: Nanoseconds) async throws(BrokerError)
        -> (header: HTTPRequest.Header, number: Int)
    {
        let (token, number) = try await token(deadline(limit))
        return (bearer(token), number)
    }

    // MARK: Questions

    /// - Returns: `nil` where there is no such thing, if that may be.
    func ask<Answer: Decodable>(
        _ type: Answer.Type, _ path: String, _ query: (String, String)?, _ deadline: Int64,
        mayBeMissing: Bool = false
    ) async throws(BrokerError) -> Answer? {
        let suffix = query.map { "?\($0.0)=\(Self.escaped($0.1))" } ?? ""
        for attempt in 0..<2 {
            guard !isClosed else { throw BrokerError(.offline, "the adapter is closed") }
            try spend(.question)
            let (token, number) = try await token(deadline)
            var request = try self.request(.get, path + suffix, [], deadline)
            request.headers.append(bearer(token))
            let response: HTTPResponse
            do throws(HTTPError) { response = try await client.send(request) } catch {
                throw BrokerError(.offline, "\(error)")
            }
            if response.status == 401 {
                forgetToken(number)
                if attempt == 0 { continue }
            }
            if response.status == 404, mayBeMissing { return nil }
            guard response.status == 200 else {
                throw failure(response, isWritten: false)
                    ?? BrokerError(.offline, "HTTP \(response.status)")
            }
            guard let answer = SimulatorWire.read(type, response.body) else { throw unreadable }
            return answer
        }
        throw BrokerError(.unauthorized, "refused after a fresh login")
    }

    // MARK: Orders and cancels

    /// Writes once, and once more where a 401 says that nobody looked at it.
    ///
    /// - Parameter permit: Asked when the connection stands, immediately before the first byte.
    func write(_ path: String, _ body: [UInt8], _ deadline: Int64, permit: SendPermit?)
        async throws(BrokerError) -> [UInt8]
    {
        for attempt in 0..<2 {
            try withdraw(permit, deadline)
            try spend(.order)
            let (token, number) = try await token(deadline)
            try withdraw(permit, deadline)
            var request = try self.request(.post, path, body, deadline)
            request.headers.append(bearer(token))
            let reason = Locked<Withdrawal?>(nil)
            request.gate = { [closed, clock] in
                let now = clock.monotonic()
                let why: Withdrawal? =
                    closed.withLock { $0 }
                    ? .closed : now >= deadline ? .late : permit?.withdrawal(at: now)
                reason.withLock { $0 = why }
                return why == nil
            }
            let response: HTTPResponse
            do throws(HTTPError) { response = try await client.send(request) } catch {
                if let why = reason.withLock({ $0 }) { throw Self.withdrawn(why) }
                throw Self.unsent(error)
            }
            if response.status == 401 {
                forgetToken(number)
                if attempt == 0 { continue }
            }
            if response.status == 200 || response.status == 201 { return response.body }
            throw failure(response, isWritten: true)
                ?? BrokerError(.outcomeUnknown, "HTTP \(response.status)")
        }
        throw BrokerError(.unauthorized, "refused after a fresh login")
    }

    private func withdraw(_ permit: SendPermit?, _ deadline: Int64) throws(BrokerError) {
        if isClosed { throw Self.withdrawn(.closed) }
        let now = clock.monotonic()
        if let why = now >= deadline ? .late : permit?.withdrawal(at: now) {
            throw Self.withdrawn(why)
        }
    }
    private static func withdrawn(_ why: Withdrawal) -> BrokerError {
        BrokerError(.notSent(why), "withdrawn before it was sent")
    }
    private static func unsent(_ error: HTTPError) -> BrokerError {
        guard error.isCertainlyNotSent else { return BrokerError(.outcomeUnknown, "\(error)") }
        return switch error.code {
        case .timedOut, .cancelled: withdrawn(.late)
        default: BrokerError(.offline, "\(error)")
        }
    }

    // MARK: What both need

    private func spend(_ kind: RateBudget.Kind) throws(BrokerError) {
        if let wait = budget.take(kind, at: clock.monotonic()) {
            throw BrokerError(.rateLimited(wait: Nanoseconds(wait)), "our own limit")
        }
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8], _ deadline: Int64
    ) throws(BrokerError) -> HTTPRequest {
        let left = deadline &- clock.monotonic()
        guard left > 0 else {
            throw method == .post
                ? Self.withdrawn(.late) : BrokerError(.offline, "no time was left")
        }
        let headers = body.isEmpty ? [] : [HTTPRequest.Header("Content-Type", "application/json")]
        let whole = min(left, 3_600_000_000_000)
        return HTTPRequest(
            method, Secret(settings.http + path), headers: headers, body: body,
            limits: HTTPLimits(connect: min(whole, 5_000_000_000), whole: whole, body: 16 << 20))
    }
    private func bearer(_ token: Secret) -> HTTPRequest.Header {
        token.withText { HTTPRequest.Header("Authorization", "Bearer \($0)") }
    }

    /// What a status other than good means; `nil`: nothing that can be relied upon.
    private func failure(_ response: HTTPResponse, isWritten: Bool) -> BrokerError? {
        let detail = SimulatorWire.read(SimulatorWire.Failure.self, response.body)?.error
        let words = detail?.message ?? "HTTP \(response.status)"
        let wait = response[header: "Retry-After-Ns"].flatMap { Int64($0) }.map { max(1, $0) }
        switch (response.status, detail?.code) {
        case (401, _), (403, _): return BrokerError(.unauthorized, words)
        case (429, _):
            let wait = wait ?? 1_000_000_000
            budget.close(for: wait, at: clock.monotonic())
            return BrokerError(.rateLimited(wait: Nanoseconds(wait)), words)
        case (503, "maintenance"):
            return BrokerError(.maintenance(wait: wait.map { Nanoseconds($0) }), words)
        case (500..., _): return nil
        case (_, "insufficient"): return BrokerError(.insufficient, words)
        case (_, "price_rule"): return BrokerError(.priceRule, words)
        case (_, "not_tradable"): return BrokerError(.notTradable, words)
        case (_, "nothing_to_cancel"): return BrokerError(.nothingToCancel, words)
        case (_, "duplicate_client_id"): return BrokerError(.rejected, Self.duplicate + words)
        case (400..., .some) where isWritten: return BrokerError(.rejected, words)
        default: return nil
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let character = Character(UnicodeScalar(byte))
            if byte < 128, character.isLetter || character.isNumber || character == "-" {
                escaped.append(character)
            } else {
                let hex = String(byte, radix: 16)
                escaped += "%" + (hex.utf8.count == 1 ? "0" : "") + hex
            }
        }
        return escaped
    }
}
