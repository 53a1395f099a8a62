import Foundation
import Glibc
import Platform
import Ports
import Testing

extension IntegrationTests {
    /// R4.7: two versions of a strategy, each a Python server, over the same ticks.
    @Suite struct VersionTests {
        private static let ticks = SampleTicks(count: 1_500, pause: 7_500_000_000)
        private static func configuration(
            _ script: String, candidate: String? = nil, speed: String = "max"
        ) -> SceneConfiguration {
            var configuration = SceneConfiguration()
            configuration.speed = speed
            let beside = candidate.map {
                ", candidate: { launch: [\(Place.python), \(Place.servers)/swing_next.py], \($0) }"
            }
            configuration.strategies = [
                SceneConfiguration.server("swing", script, "deadline: 10s" + (beside ?? ""))
            ]
            configuration.more = ["arbiter: { policy: first }"]
            return configuration
        }

        private static func scene(
            _ script: String = "swing.py", candidate: String? = "role: shadow",
            speed: String = "max"
        ) throws -> Scene {
            try Scene(
                configuration(script, candidate: candidate, speed: speed), ticks: ticks)
        }

        private static func run(_ scene: Scene, _ words: String...) async throws -> RunSummary {
            let outcome = try await scene.madang(["run", "--json"] + words)
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            return try outcome.summary()
        }

        /// What a version says alone: position, symbol, action, confidence.
        private static func alone(_ script: String) async throws -> (Set<[String]>, RunSummary) {
            let scene = try scene(script, candidate: nil)
            let summary = try await run(scene)
            return (Set(try await said(scene, "signals")), summary)
        }
        private static func said(
            _ scene: Scene, _ table: String, where condition: String = "1"
        ) async throws -> [[String]] {
            try await scene.query(
                "select position, symbol, action, confidence from \(table) where \(condition)"
                    + " order by position, symbol")
        }

        private struct Report: Decodable {
            struct Counts: Decodable, Equatable {
                var equal: Int
                var differing: Int
                var only_main: Int
                var only_candidate: Int
            }
            struct Version: Decodable {
                var slot: String
                var role: String
                var version: String
                var results: Int
                var latency_ns: Latency?
            }
            struct First: Decodable {
                var event: UInt64
                var symbol: String
            }
            var plan: String
            var total: Counts
            var symbols: [String: Counts]
            var versions: [Version]
            var first_difference: First?
            var left_out_waiting: Int
            var left_out_skipped: Int
        }
        private static func compare(_ scene: Scene) async throws -> Report {
            let outcome = try await scene.madang("strategy", "compare", "swing", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            return try JSONDecoder().decode(Report.self, from: Data(outcome.output[0].utf8))
        }

        /// Reckoned from two runs of their own.
        private static func expected(
            _ main: Set<[String]>, _ candidate: Set<[String]>
        ) -> (total: Report.Counts, first: UInt64?) {
            func keys(_ rows: Set<[String]>) -> Set<[String]> { Set(rows.map { Array($0[..<2]) }) }
            let (a, b) = (keys(main), keys(candidate))
            let equal = main.intersection(candidate).count
            let differences = main.symmetricDifference(candidate).compactMap { UInt64($0[0]) }
            return (
                .init(
                    equal: equal, differing: a.intersection(b).count - equal,
                    only_main: a.subtracting(b).count, only_candidate: b.subtracting(a).count),
                differences.min()
            )
        }

        @Test func aShadowChangesNothingAndIsCompared() async throws {
            let (mains, without) = try await Self.alone("swing.py")
            let (candidates, _) = try await Self.alone("swing_next.py")
            let scene = try Self.scene()
            let summary = try await Self.run(scene)
            #expect(summary.ledgerHash == without.ledgerHash && summary.fills > 50)
            #expect(summary.stateHash == without.stateHash)
            #expect(Set(try await Self.said(scene, "signals")) == mains)
            #expect(Set(try await Self.said(scene, "shadow_results")) == candidates)

            let report = try await Self.compare(scene)
            let expected = Self.expected(mains, candidates)
            #expect(report.total == expected.total && report.total.differing > 10)
            #expect(report.total.only_main > 0 && report.total.only_candidate > 0)
            #expect(report.first_difference?.event == expected.first)
            #expect(report.left_out_waiting == 0 && report.left_out_skipped == 0)
            #expect(report.versions.map(\.version) == ["1.0", "2.0"])
            #expect(report.symbols["A"]?.differing == 0)
            let text = try await scene.madang("strategy", "compare", "swing")
            #expect(text.output.contains { $0.contains("results equal") })
        }

        /// Without a host it is kept for the next start, and for every one after it.
        @Test func aPromotionWithoutAHostHoldsFromTheNextStartOn() async throws {
            let (candidates, other) = try await Self.alone("swing_next.py")
            let scene = try Self.scene()
            let asked = try await scene.madang("strategy", "promote", "swing")
            #expect(asked.output[0].contains("the next start begins with it"))
            for _ in 0..<2 {
                let summary = try await Self.run(scene, "--fresh")
                #expect(summary.ledgerHash == other.ledgerHash)
                #expect(summary.sources[0].versions?.map(\.role) == ["shadow", "live"])
                let heard = try await Self.said(scene, "signals", where: "version = '2.0'")
                #expect(Set(heard) == candidates)
            }
            let back = try await scene.madang("strategy", "rollback", "swing", "--drop")
            #expect(back.exit == .code(0))
            let outcome = try await scene.madang("run", "--fresh", "--json")
            #expect(!outcome.output.contains { $0.contains("swing candidate live") })
            let versions = try await scene.madang("strategy", "versions", "swing")
            #expect(versions.output[0].contains("main live, candidate off"))
        }

        /// On a run in hand: a canary, promoted, killed and started again, rolled back.
        @Test func promotedAndRolledBackInTheMiddle() async throws {
            let scene = try Self.scene(candidate: "role: canary, share: 30%", speed: "600x")
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            let promoted = try await scene.madang("strategy", "promote", "swing", "--json")
            #expect(promoted.exit == .code(0), "\(promoted.errorText)")
            #expect(promoted.output[0].contains("\"heard\":true"))
            let told = try await host.line("the change") {
                $0.contains("candidate live, main shadow")
            }
            _ = try await host.line(from: told.index, "a result of main") {
                $0.contains("swing BUY")
            }
            let middle = try await Self.compare(scene)
            #expect(middle.plan == "candidate live, main shadow")
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            let again = try await scene.start("run", "--json")
            let first = try await again.line("a result") { $0.contains("swing BUY") }
            #expect(!again.output[..<first.index].contains { $0.contains("main live") })
            let back = try await scene.madang(
                "strategy", "rollback", "swing", "--reason", "too loud")
            #expect(back.exit == .code(0), "\(back.errorText)")
            let line = try await again.line("the change") { $0.contains("too loud") }
            #expect(line.text.contains("main live, candidate shadow (version 1.0)"))
            let outcome = try await again.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")

            // Each result is heard by the plan of its step, and none by two.
            let changes = try await scene.query(
                "select first, words from version_events where kind = 'changed' order by number")
            #expect(
                changes.map { $0[1] } == [
                    "main live, candidate canary 30%", "candidate live, main shadow",
                    "main live, candidate shadow",
                ])
            func plan(at position: UInt64) -> VersionPlan? {
                changes.last { UInt64($0[0]).map { $0 <= position >> 20 } ?? false }
                    .flatMap { VersionPlan($0[1]) }
            }
            for (table, isHeard) in [("signals", true), ("shadow_results", false)] {
                let rows = try await scene.query("select position, symbol, version from \(table)")
                #expect(rows.count > 50)
                for row in rows {
                    let plan = try #require(plan(at: UInt64(row[0]) ?? 0))
                    let slot: VersionSlot = row[2] == "1.0" ? .main : .candidate
                    let lot = VersionPlan.lot(of: row[1], in: "swing")
                    #expect(plan.hears(slot, lot: lot) == isHeard, "\(table) \(row)")
                }
            }
            let report = try await Self.compare(scene)
            #expect(report.total.equal > 50 && report.total.differing > 0)
            #expect(report.versions.allSatisfy { $0.latency_ns != nil })
            let summary = try outcome.summary()
            #expect(summary.sources[0].versions?.map(\.role) == ["live", "shadow"])
        }

        /// A hung candidate holds a run as fast as possible until it is dropped; its process ends then.
        @Test func aDroppedCandidateEnds() async throws {
            let scene = try Self.scene(candidate: "role: shadow", speed: "600x")
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a shadow's result") { $0.contains("not heard") }
            let dropped = try await scene.madang("strategy", "rollback", "swing", "--drop")
            #expect(dropped.exit == .code(0), "\(dropped.errorText)")
            let end = try await host.line("its end") {
                $0.contains("swing candidate| the process ended with code 0")
            }
            _ = try await host.line(from: end.index, "the main version goes on") {
                $0.contains("swing BUY")
            }
            let refused = try await scene.madang("strategy", "promote", "swing")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("was ended in this run"))
            host.send(signal: SIGTERM)
            #expect(try await host.outcome().exit == .code(6))
        }

        @Test(arguments: [
            ("promote nobody", "there is no strategy 'nobody'"),
            ("promote swing --share 100%", "a share is written as 10%"),
            ("promote swing --share 0.0001%", "the smallest share with one of A, B, C, D"),
            ("promote swing --share 50% --drop", "in a canary both versions are heard"),
        ])
        func whatMakesNoSenseIsRefused(_ words: String, _ what: String) async throws {
            let scene = try Self.scene()
            let words = ["strategy"] + words.split(separator: " ").map(String.init)
            let outcome = try await scene.madang(words)
            #expect(outcome.exit != .code(0))
            #expect(outcome.errorText.contains(what), "\(outcome.errorText)")
        }

        /// An order is for the candidate that was there when it was given.
        @Test func anotherCandidateBeginsAsConfigured() async throws {
            let scene = try Self.scene()
            _ = try await scene.madang("strategy", "promote", "swing")
            _ = try await Self.run(scene)
            let build = try String(
                contentsOfFile: Place.servers + "/swing_next.py", encoding: .utf8)
            try scene.folder.write(build.replacing("2.0", with: "3.0"), as: "newer.py")
            let text = try String(contentsOfFile: scene.path + "/madang.yaml", encoding: .utf8)
            // The same command, another build behind it.
            try scene.folder.write(build, as: "next.py")
            try scene.folder.write(
                text.replacing(Place.servers + "/swing_next.py", with: "next.py"),
                as: "madang.yaml")
            _ = try await scene.madang("strategy", "promote", "swing")
            let promoted = try await Self.run(scene, "--fresh")
            #expect(promoted.sources[0].versions?.map(\.role) == ["shadow", "live"])
            try scene.folder.write(build.replacing("2.0", with: "3.0"), as: "next.py")
            let outcome = try await scene.madang("run", "--fresh", "--json")
            let summary = try outcome.summary()
            #expect(summary.sources[0].versions?.map(\.role) == ["live", "shadow"])
            #expect(outcome.output.contains { $0.contains("was asked for another candidate") })
        }
    }
}
