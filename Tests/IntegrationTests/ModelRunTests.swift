import Foundation
import Platform
import Ports
import Testing

extension IntegrationTests {
    /// The examples' models with their frozen weights, from launch to ledger (R4.11).
    @Suite struct ModelRunTests {
        /// A strategy of examples/model and the weights behind it.
        struct Example: Sendable, CustomTestStringConvertible {
            let file: String
            let weights: String
            /// Probabilities beyond which it speaks: of a walk it is less sure than of a market.
            var above = 0.52
            var below = 0.5
            var testDescription: String { file }
        }

        static let examples = [
            Example(file: "model.py", weights: "weights/weights.skops"),
            Example(
                file: "lightgbm_model.py", weights: "weights-lightgbm/weights.txt"),
            Example(file: "onnx_model.py", weights: "weights-onnx/weights.onnx"),
        ]

        private struct Manifest: Decodable {
            var name: String
            var version: String
            var sha256: String
        }

        /// Days of a walk, some in the model's training period and more behind it.
        private static let days: String = {
            var seed: UInt64 = 7
            var close = 100_000
            let first = Date(timeIntervalSince1970: 1_222_819_200)  // 2008-10-01
            let rows = (0..<400).map { day in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                close += Int(seed >> 33) % 4_001 - 2_000
                let price = "\(close / 100).\(close % 100 / 10)\(close % 10)"
                let date = first.addingTimeInterval(86_400 * Double(day))
                    .formatted(.iso8601.year().month().day())
                return "\(date),A,\(price),\(price),\(price),\(price),1000\n"
            }
            return "date,symbol,open,high,low,close,volume\n" + rows.joined()
        }()

        @Test(arguments: examples)
        func nameVersionAndHashStandOnEverySignalAndLedgerRow(_ example: Example) async throws {
            let scene = try scene(example, in: Place.root + "/examples/model")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let summary = try outcome.summary()
            #expect(summary.candles == 400)
            #expect(summary.fills > 0)
            let manifest = try JSONDecoder().decode(
                Manifest.self,
                from: Data(
                    contentsOf: URL(filePath: Place.root + "/examples/model/" + example.weights)
                        .deletingLastPathComponent().appending(path: "model.json")))
            let model = "\(manifest.name)@\(manifest.version)@\(manifest.sha256)"
            #expect(try await scene.query("SELECT DISTINCT model FROM signals") == [[model]])
            #expect(try await scene.query("SELECT DISTINCT model_version FROM ledger") == [[model]])
            // Not a word on the days of its training.
            let first = try await scene.query("SELECT min(time) FROM signals_view")
            #expect(first.first?.first?.hasPrefix("2009-01-0") == true, "\(first)")
        }

        @Test(arguments: examples)
        func changedWeightsEndTheRunBeforeItBegins(_ example: Example) async throws {
            let scene = try scene(example, in: "model")
            try FileManager.default.copyItem(
                atPath: Place.root + "/examples/model", toPath: scene.path + "/model")
            let weights = URL(filePath: scene.path + "/model/" + example.weights)
            try (Data(contentsOf: weights) + Data([0])).write(to: weights)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(7))
            let text = outcome.errorText
            let name = weights.lastPathComponent
            #expect(text.contains("\(name) is not the file that was saved"), "\(text)")
            #expect(text.contains("under a new version"))
            #expect(outcome.errors.count <= 4, "said once: \(text)")
            #expect(outcome.output == [])
        }

        private func scene(_ example: Example, in folder: String) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.feed = """
                { kind: csv, path: days.csv, what: candles, interval: 1d, speed: SPEED,
                    columns: { time: date, symbol: symbol, volume: volume },
                    time: { zone: Asia/Seoul } }
                """
            configuration.instruments = "{ symbols: [A], market: KR, tick_size: any, lot: 1 }"
            configuration.strategies = [
                "{ name: model, kind: server, launch: [\(Place.python), \(folder)/\(example.file)],"
                    + " quantity: 10, parameters:"
                    + " { buy_above: \(example.above), sell_below: \(example.below) } }"
            ]
            configuration.more = ["arbiter: { policy: first }"]
            let scene = try Scene(configuration)
            try scene.folder.write(Self.days, as: "days.csv")
            return scene
        }
    }
}
