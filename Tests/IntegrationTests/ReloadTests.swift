import Foundation
import Glibc
import Testing

extension PacedTests {
    /// `madang-py serve --reload` under a host at work (R4.5).
    @Suite struct ReloadTests {
        private static func code(_ word: String) -> String {
            """
            from madang import Strategy, alert

            class Mine(Strategy):
                def on_start(self):
                    self.seen = 0

                def save(self):
                    return {"seen": self.seen}

                def restore(self, state):
                    self.seen = state["seen"]

                def on_tick(self, tick):
                    self.seen += 1
                    return alert(f"\(word) {self.seen}")

            """
        }

        /// Not one event is missing, and none was judged twice: the count goes on from code to code.
        @Test func newCodeTakesOverInTheMiddleOfARun() async throws {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.strategies = [
                "{ name: mine, kind: server, launch: [\(Place.python), -m, madang, serve, mine.py, --reload] }"
            ]
            configuration.more = ["arbiter: { policy: first }"]
            let count = 500
            // About 25 ms from tick to tick.
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: count, pause: 7_500_000_000))
            try scene.folder.write(Self.code("old"), as: "mine.py")
            let host = try await scene.start("run", "--json")
            let first = try await host.line("old words") { $0.contains("old 20") }
            try Self.replace("class Mine(:\n", in: scene)
            let bad = try await host.line(from: first.index, "the mistake") {
                $0.contains("mine.py:1: invalid syntax")
            }
            let later = try await host.line(from: bad.index, "the old code at work") {
                $0.contains(#/old \d+/#)
            }
            try Self.replace(Self.code("new"), in: scene)
            _ = try await host.line(from: later.index, "the new code") { $0.contains(#/new \d+/#) }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let said = try await scene.query("SELECT message FROM signals ORDER BY number")
                .compactMap(\.first)
            let words = said.map { $0.prefix { $0 != " " } }
            #expect(said.map { $0.drop { $0 != " " }.dropFirst() } == (1...count).map { "\($0)" })
            #expect(Set(words) == ["old", "new"])
            #expect(words == words.sorted(by: >))
        }

        /// At once, as an editor does.
        private static func replace(_ text: String, in scene: Scene) throws {
            try scene.folder.write(text, as: "mine.py.new")
            #expect(rename(scene.path + "/mine.py.new", scene.path + "/mine.py") == 0)
        }
    }
}
