import Foundation
import HTTPTransport
import Platform

/// `madang-sim` in a process of its own: what really happened, whatever a host thinks.
final class Venue: Sendable {
    struct Told: Decodable { let http, stream, control: String }
    struct Order: Decodable {
        let order_id, symbol, side, quantity, filled, state: String
        let client_id: String?
    }
    private struct Orders: Decodable { let orders: [Order] }
    struct Position: Decodable { let symbol, quantity: String }
    private struct Positions: Decodable { let positions: [Position] }
    private struct Balance: Decodable { let cash: String }
    private struct Balances: Decodable { let balances: [Balance] }
    private struct Token: Decodable { let token: String }
    struct State: Decodable { let struck: [String: Int] }
    let told: Told
    private let program: Program
    private let client = HTTPClient()

    init(_ arguments: [String], walk: Int = 10) async throws {
        let path = URL(fileURLWithPath: Place.madang).deletingLastPathComponent()
        var words = [path.appendingPathComponent("madang-sim").path, "--real-time"] + arguments
        if walk > 0 { words += ["--walk", "\(walk)"] }
        for symbol in SampleTicks.symbols { words += ["--symbol", symbol] }
        program = try await Program.start(words, limit: .seconds(300))
        let line = try await program.line("its address") { $0.hasPrefix("{") }
        told = try JSONDecoder().decode(Told.self, from: Data(line.text.utf8))
    }
    deinit { program.send(signal: SIGKILL) }

    func signal(_ number: Int32) { program.send(signal: number) }

    /// Of the process that goes by this configuration.
    func broker(_ more: String = "") -> String {
        "sim: { kind: sim, fee_bps: 5, http: \"\(told.http)\", stream: \"\(told.stream)\","
            + " key: \"${SIM_KEY}\", secret: \"${SIM_SECRET}\", rate: 2000,"
            + " answer_within: 300ms, doubt_over: 300ms" + (more.isEmpty ? "" : ", \(more)") + " }"
    }
    static let environment = ["SIM_KEY": "demo", "SIM_SECRET": "demo"]

    // MARK: Control

    @discardableResult func control(_ path: String, _ body: String = "") async throws -> State {
        let answer = try await send(
            "/control/\(path)", told.control, body.isEmpty && path == "state" ? nil : body)
        return try JSONDecoder().decode(State.self, from: answer)
    }
    /// - Parameter fault: `place/time_out`, with more members of the order behind it.
    func fault(_ place: String, _ name: String, _ more: String = "") async throws {
        try await control("faults", #"{"fault":"\#(name)","on":"\#(place)"\#(more)}"#)
    }

    // MARK: What it has

    /// - Parameter since: ns since 1970, by its clock, which is this machine's.
    func orders(since: Int64 = 0) async throws -> [Order] {
        try await ask(Orders.self, "/v1/orders?since=\(since)").orders
    }
    func held() async throws -> [String: String] {
        Dictionary(
            try await ask(Positions.self, "/v1/positions").positions.map {
                ($0.symbol, $0.quantity)
            },
            uniquingKeysWith: { first, _ in first })
    }
    func cash() async throws -> String {
        try await ask(Balances.self, "/v1/balances").balances.first?.cash ?? ""
    }

    /// As another program with the account's key would.
    ///
    /// - Returns: Its number.
    func placeByHand(_ order: String) async throws -> String {
        let answer = try await send("/v1/orders", try await token(), order)
        return try JSONDecoder().decode(Order.self, from: answer).order_id
    }
    private func token() async throws -> String {
        let login = try await send("/oauth/token", nil, #"{"key":"demo","secret":"demo"}"#)
        return try JSONDecoder().decode(Token.self, from: login).token
    }

    private func ask<Answer: Decodable>(_ type: Answer.Type, _ path: String) async throws -> Answer
    {
        try JSONDecoder().decode(type, from: try await send(path, try await token(), nil))
    }

    private func send(_ path: String, _ bearer: String?, _ body: String?) async throws -> Data {
        let request = HTTPRequest(
            body == nil ? .get : .post, Secret(told.http + path),
            headers: bearer.map { [.init("Authorization", "Bearer \($0)")] } ?? [],
            body: Array((body ?? "").utf8),
            // All orders of a day come at once.
            limits: HTTPLimits(body: 16 << 20))
        let answer = try await client.send(request)
        guard [200, 201].contains(answer.status) else {
            throw Program.Failure(
                description:
                    "\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return Data(answer.body)
    }
}

extension Scene {
    /// A rule that buys once of each symbol at a venue, for longer than a test takes: some 25 ms from tick to tick.
    static func buyingOnce(
        _ symbols: String, at venue: Venue, _ more: String = ""
    ) throws -> Scene {
        var configuration = SceneConfiguration()
        configuration.speed = "300x"
        configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
        configuration.broker = venue.broker(more)
        configuration.rules = [
            "{ name: once, when: \"price > 0\", then: buy, on: ticks, quantity: 10,"
                + " symbols: [\(symbols)] }"
        ]
        return try Scene(configuration, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
    }
}
