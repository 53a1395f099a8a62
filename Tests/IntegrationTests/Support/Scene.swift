import Foundation
import Platform
import Ports

/// A folder with a configuration and its data, and `madang` at work in it.
final class Scene: Sendable {
    let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws { folder = try TemporaryFolder() }

    /// Writes `madang.yaml`, and the data where the configuration names them.
    convenience init(_ configuration: SceneConfiguration, ticks: SampleTicks? = nil) throws {
        try self.init()
        try folder.write(configuration.text, as: "madang.yaml")
        if let ticks { try folder.write(ticks.csv, as: "ticks.csv") }
    }

    func start(
        _ words: String..., environment: [String: String] = [:], limit: Duration = .seconds(60)
    ) async throws -> Program {
        try await Program.start(
            [Place.madang] + words, in: path, environment: environment, limit: limit)
    }

    /// Runs `madang` to its end.
    func madang(
        _ words: String..., environment: [String: String] = [:], limit: Duration = .seconds(60)
    ) async throws -> Program.Outcome {
        try await madang(words, environment: environment, limit: limit)
    }

    func madang(
        _ words: [String], environment: [String: String] = [:], limit: Duration = .seconds(60)
    ) async throws -> Program.Outcome {
        let program = try await Program.start(
            [Place.madang] + words, in: path, environment: environment, limit: limit)
        return try await program.outcome()
    }

    /// Rows of a query of the store, each a list of texts: by Python's sqlite3, not by our own hand.
    func query(_ sql: String) async throws -> [[String]] {
        let script = """
            import json, sqlite3, sys
            store = sqlite3.connect("file:.madang/madang.db?mode=ro", uri=True)
            for row in store.execute(sys.argv[1]):
                print(json.dumps([str(cell) for cell in row]))
            """
        let program = try await Program.start([Place.python, "-c", script, sql], in: path)
        let outcome = try await program.outcome()
        guard outcome.exit == .code(0) else {
            throw Program.Failure(description: outcome.errorText)
        }
        return try outcome.output.map {
            try JSONDecoder().decode([String].self, from: Data($0.utf8))
        }
    }
}

/// `madang.yaml` of a scene.
struct SceneConfiguration {
    var speed = "max"
    var strategies: [String] = []
    var rules: [String] = []
    var more: [String] = []
    var feed = """
        { kind: csv, path: ticks.csv, what: ticks, speed: SPEED, time: { unit: ns },
            columns: { time: ts, symbol: symbol, price: price, quantity: size, side: side } }
        """
    var account = "{ id: demo, broker: paper, currency: KRW, cash: 100000000 }"
    var broker = "paper: { kind: paper, fee_bps: 5, partial_fills: true }"
    var instruments = "{ symbols: [A, B, C, D], market: KR, tick_size: krx, lot: 1 }"

    var text: String {
        func list(_ name: String, _ items: [String]) -> String {
            items.isEmpty ? "" : "\(name):\n" + items.map { "  - \($0)\n" }.joined()
        }
        return """
            accounts:
              - \(account)
            brokers:
              \(broker)

            """ + list("feeds", [feed.replacing("SPEED", with: speed)])
                + list("instruments", [instruments]) + list("strategies", strategies)
                + list("rules", rules) + more.map { $0 + "\n" }.joined()
    }

    /// A strategy server that the host starts: a script of `Servers/`, or a path.
    static func server(_ name: String, _ script: String, _ more: String = "") -> String {
        let path = script.hasPrefix("/") ? script : "\(Place.servers)/\(script)"
        return "{ name: \(name), kind: server, launch: [\(Place.python), \(path)], quantity: 10"
            + (more.isEmpty ? "" : ", \(more)") + " }"
    }

    /// A built-in, a rule, a server that judges many ticks at once, and one that reads its account.
    static func full(server more: String = "") -> SceneConfiguration {
        SceneConfiguration(
            strategies: [
                "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10,"
                    + " parameters: { fast: 3, slow: 8 } }",
                server("holder", "holder.py", more),
                server(
                    "momentum", Place.root + "/examples/momentum_ticks.py",
                    "parameters: { length: 40, threshold: 0.002 }"
                        + (more.isEmpty ? "" : ", " + more)),
            ],
            rules: [
                "{ name: breakout, when: \"cross_above(close, sma(5))\", then: buy,"
                    + " on: \"candles:1m\", quantity: 5, confidence: 0.3 }"
            ],
            more: ["arbiter: { policy: confidence_weighted, threshold: 0.2 }"])
    }
}

/// A line of `madang run --json`.
struct RunLine: Decodable {
    var event: String
    var source: String?
    var symbol: String?
    var text: String?
    /// Of an order or a fill.
    var side: String?
    var quantity: String?
    var price: String?
    var resumedAt: UInt64?
    var summary: RunSummary?

    enum CodingKeys: String, CodingKey {
        case event, source, symbol, text, side, quantity, price
        case resumedAt = "resumed_at"
        case summary
    }

    init(_ line: String) throws {
        self = try JSONDecoder().decode(RunLine.self, from: Data(line.utf8))
    }
}

extension Program.Outcome {
    /// What stands in the last line of `madang run --json`.
    func summary() throws -> RunSummary {
        guard let last = output.last, let summary = try RunLine(last).summary else {
            throw Program.Failure(
                description: "no summary: it \(exit)\n"
                    + (output.suffix(4) + errors.suffix(12)).joined(separator: "\n"))
        }
        return summary
    }
    func lines() throws -> [RunLine] { try output.map { try RunLine($0) } }

    /// The step behind which the run went on; `nil` when its start was not told.
    func resumedAt() throws -> UInt64? { try lines().first { $0.event == "started" }?.resumedAt }
}

extension RunSummary {
    func source(_ name: String) -> RunSummary.Source {
        sources.first { $0.name == name } ?? RunSummary.Source(name: "none", kind: "")
    }
}
