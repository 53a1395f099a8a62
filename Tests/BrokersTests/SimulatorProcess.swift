import Brokers
import Foundation
import HTTPTransport
import Platform
import Ports
import TestKit
import Testing
import TradingModel

/// `madang-sim` in a process of its own, and its control endpoints. Ended when nobody holds it any
/// more.
final class SimulatorProcess: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }
    struct Told: Decodable { let http, stream, key, secret, control: String }
    struct State: Decodable {
        let reports, orders: UInt64
        let lines: Int
        let struck: [String: Int]
    }
    let told: Told
    let client = HTTPClient()
    private let child: ChildProcess
    /// Not Foundation's `Process`: with more than 1,300 files open it reads behind the end of their
    /// list, which ends the tests or leaves them standing. This one ends with us, too.
    private static let nursery = ProcessNursery()

    init(_ arguments: [String]) async throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("madang-sim").path
        let launch = ProcessLaunch(
            arguments: [program] + arguments,
            environment: ProcessInfo.processInfo.environment, grace: 500_000_000)
        let (lines, said) = AsyncStream<String>.makeStream()
        child = try await Self.nursery.launch(
            launch, onLine: { if $0.stream == .output { said.yield($0.text) } },
            onExit: { _ in said.finish() })
        guard let line = await lines.first(where: { _ in true }) else {
            throw Failure(description: "madang-sim ended at once")
        }
        told = try JSONDecoder().decode(Told.self, from: Data(line.utf8))
    }
    deinit { child.terminate() }

    func signal(_ number: Int32) { child.send(signal: number) }

    @discardableResult func control(_ path: String, _ body: String = "") async throws -> State {
        let request = HTTPRequest(
            body.isEmpty ? .get : .post, Secret("\(told.http)/control/\(path)"),
            headers: [.init("Authorization", "Bearer \(told.control)")], body: Array(body.utf8))
        let answer = try await client.send(request)
        guard answer.status == 200 else {
            throw Failure(description: String(decoding: answer.body, as: UTF8.self))
        }
        return try JSONDecoder().decode(State.self, from: Data(answer.body))
    }
    func fault(_ name: String, on place: String, _ more: String = "") async throws {
        try await control("faults", #"{"fault":"\#(name)","on":"\#(place)"\#(more)}"#)
    }
    func trade(_ symbol: String, _ price: Price) async throws {
        try await control("market", #"{"symbol":"\#(symbol)","price":"\#(price)"}"#)
    }

    func settings(
        _ clientIDs: BrokerCapabilities.ClientOrderIDs = .always,
        _ fills: BrokerCapabilities.FillHistory = .each,
        _ changes: BrokerCapabilities.Changes = .keepNumber
    ) -> SimulatedBroker.Settings {
        var settings = SimulatedBroker.Settings(
            http: told.http, stream: told.stream, key: told.key, secret: Secret(told.secret),
            account: AccountID(0), instruments: PaperBench.instruments, clientOrderIDs: clientIDs,
            fillHistory: fills, changes: changes)
        settings.rate = 1_000_000
        return settings
    }
}
