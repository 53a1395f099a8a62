import Foundation
import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// A store that cannot be written or read ends a run with code 5; what it held is not lost.
    @Suite struct StoreErrorTests {
        /// Of the log, and of the tables: each alone on a disk of a megabyte.
        @Test(
            .enabled("needs the right to mount a small disk") { await SmallDisk.isPermitted },
            arguments: [
                ("store: { folder: disk, sqlite: madang.db }", "disk/runs/"),
                ("store: { sqlite: disk/madang.db }", "disk/madang.db: cannot apply records"),
            ])
        func aFullDiskIsNamedAndTheRunGoesOnWhenThereIsRoom(
            _ store: String, _ place: String
        ) async throws {
            // Their log is larger than the disk by itself, whatever is written ahead of it.
            let ticks = SampleTicks(count: 24_000)
            let reference = try await Scene(.plain, ticks: ticks).madang("run", "--json").summary()
            var configuration = SceneConfiguration.plain
            configuration.more = [store]
            let scene = try Scene(configuration, ticks: ticks)
            // In a namespace of its own: the disk goes with the shell.
            let script = """
                mkdir disk && mount -t tmpfs -o size=1m,mode=700 tmpfs disk || exit 99
                "$1" run --json >first.out 2>first.err; echo $?
                mount -o remount,size=64m disk
                "$1" run --json >second.out 2>second.err; echo $?
                """
            let shell = try await Program.start(
                SmallDisk.namespace + ["sh", "-c", script, "sh", Place.madang], in: scene.path)
            let outcome = try await shell.outcome()
            #expect(outcome.output == ["5", "0"], "\(outcome.errorText)")
            let words = try scene.text(of: "first.err")
            #expect(words.contains(place), "\(words)")
            #expect(words.contains("full") || words.contains("No space left"), "\(words)")
            #expect(words.contains("\n  free"), "says what to do: \(words)")
            #expect(words.split(separator: "\n").count == 2)
            #expect(try scene.text(of: "second.err") == "")
            let output = try scene.text(of: "second.out").split(separator: "\n").map(String.init)
            let last = Program.Outcome(exit: .code(0), output: output, errors: [])
            #expect(try last.resumedAt() ?? 0 > 0)
            let summary = try last.summary()
            #expect(summary.ledgerHash == reference.ledgerHash)
            #expect(summary.stateHash == reference.stateHash)
        }

        /// Two hosts in one folder would share the sockets of their servers, whatever they run.
        @Test func aSecondHostInOneFolderIsRefusedWhateverItRuns() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "600x"
            let scene = try Scene(configuration, ticks: SampleTicks(count: 2_000))
            configuration.more = ["arbiter: { policy: first }"]
            try scene.folder.write(configuration.text, as: "other.yaml")
            let first = try await scene.start("run", "--json")
            try await first.lines(1)
            let second = try await scene.madang("run", "-c", "other.yaml")
            #expect(second.exit == .code(5))
            #expect(
                second.errorText.contains("another host uses this folder (process \(first.id))"))
            first.send(signal: SIGTERM)
            #expect(try await first.outcome().exit == .code(6))
            #expect(try await scene.madang("run", "-c", "other.yaml", "--json").exit == .code(0))
        }

        @Test func theSummaryIsItsOwnersAlone() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 50))
            let outcome = try await scene.madang("run", "--json", "--summary", "mine.json")
            #expect(outcome.exit == .code(0))
            for name in ["mine.json", ".madang/summary.json"] {
                var status = stat()
                #expect(stat(scene.path + "/" + name, &status) == 0)
                #expect(status.st_mode & 0o777 == 0o600, "\(name)")
            }
        }

        @Test func aLogFromANewerVersionIsRefusedAndLeftAlone() async throws {
            let (scene, log) = try await unfinished()
            var bytes = try Data(contentsOf: log)
            bytes.replaceSubrange(8..<16, with: [99, 0, 0, 0, 156, 255, 255, 255])
            try bytes.write(to: log)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(5))
            #expect(outcome.errorText.contains(log.lastPathComponent))
            #expect(outcome.errorText.contains("has format 99, this program reads formats up to 1"))
            #expect(outcome.errorText.contains("use the program that wrote it, or a newer one"))
            #expect(try Data(contentsOf: log) == bytes)
        }

        @Test func tablesFromANewerVersionAreRefused() async throws {
            let (scene, _) = try await unfinished()
            let script =
                "import sqlite3; s = sqlite3.connect('.madang/madang.db');"
                + "s.execute(\"insert into schema_versions values (99, 'later')\"); s.commit()"
            _ = try await Program.start([Place.python, "-c", script], in: scene.path).outcome()
            for words in [["run", "--json"], ["ledger"]] {
                let outcome = try await scene.madang(words)
                #expect(outcome.exit == .code(5))
                #expect(outcome.errorText.contains(".madang/madang.db: the store has schema 99"))
            }
        }

        /// The last row of all: the log is whole, and the next start writes it.
        @Test func tablesThatCannotBeFinishedEndTheRunAsAnyStore() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 50))
            #expect(try await scene.madang("run", "--json").exit == .code(0))
            for (sql, code) in [
                (
                    "create trigger no before update of finished on runs"
                        + " begin select raise(fail, 'not now'); end", 5
                ), ("drop trigger no", 0),
            ] as [(String, Int32)] {
                let script =
                    "import sqlite3, sys; s = sqlite3.connect('.madang/madang.db');"
                    + "s.execute(sys.argv[1]); s.commit()"
                _ = try await Program.start([Place.python, "-c", script, sql], in: scene.path)
                    .outcome()
                let outcome = try await scene.madang("run", "--json")
                #expect(outcome.exit == .code(code), "\(outcome.errorText)")
                #expect(outcome.errorText.contains("cannot finish the run") == (code == 5))
            }
            let rows = try await scene.query("SELECT id FROM runs WHERE finished IS NULL")
            #expect(rows == [])
        }

        @Test func theLogOfAnotherRunIsRefused() async throws {
            let (scene, log) = try await unfinished()
            let (strange, other) = try await unfinished(quantity: 11)
            try Data(contentsOf: other).write(to: log)
            #expect(strange.path != scene.path)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(5))
            #expect(outcome.errorText.contains("the log belongs to configuration"))
            #expect(outcome.errorText.contains("start a new run"))
        }

        @Test func aDamagedLogIsNamedWithItsPlace() async throws {
            let (scene, log) = try await unfinished()
            var bytes = try Data(contentsOf: log)
            bytes[600] ^= 0xFF
            try bytes.write(to: log)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(5))
            #expect(outcome.errorText.contains(log.lastPathComponent + ":"))
            #expect(try await scene.madang("run", "--json", "--fresh").exit == .code(0))
        }

        /// The second is told who has the log; the first does not notice.
        @Test func twoHostsInOneFolderDoNotMeet() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "600x"
            configuration.strategies.append(
                SceneConfiguration.server("teller", "teller.py", "deadline: 2s"))
            let scene = try Scene(configuration, ticks: SampleTicks(count: 2_000))
            let first = try await scene.start("run", "--json")
            _ = try await first.line("a result") { $0.contains("teller BUY") }
            let second = try await scene.madang("run", "--json")
            #expect(second.exit == .code(5))
            #expect(
                second.errorText.contains("another host uses this folder (process \(first.id))"))
            #expect(second.errorText.contains("stop that host first"))
            let outcome = try await first.outcome()
            #expect(outcome.exit == .code(0))
            let summary = try outcome.summary()
            #expect(summary.ticks == 2_000)
            #expect(summary.source("teller").results == 2_000)
            #expect(summary.source("teller").late == 0)
        }

        /// A run that was stopped in the middle, and its log.
        private func unfinished(quantity: Int = 10) async throws -> (Scene, URL) {
            var configuration = SceneConfiguration.plain
            configuration.speed = "600x"
            configuration.strategies[0].replace("quantity: 10", with: "quantity: \(quantity)")
            let scene = try Scene(configuration, ticks: SampleTicks(count: 1_000))
            let host = try await scene.start("run", "--json")
            try await host.lines(100)
            host.send(signal: SIGTERM)
            #expect(try await host.outcome().exit == .code(6))
            let runs = URL(fileURLWithPath: scene.path + "/.madang/runs")
            let names = try FileManager.default.contentsOfDirectory(atPath: runs.path)
            let name = try #require(names.first)
            return (scene, runs.appendingPathComponent(name + "/log/00000001.log"))
        }
    }
}

/// A disk that is soon full, seen by one shell alone.
enum SmallDisk {
    static let namespace =
        ["unshare", "--mount"] + (geteuid() == 0 ? [] : ["--user", "--map-root-user"])
    private static let check = Task {
        let script = "mount -t tmpfs -o size=1m tmpfs /mnt"
        let shell = try await Program.start(namespace + ["sh", "-c", script])
        return try await shell.outcome().exit == .code(0)
    }
    static var isPermitted: Bool { get async { (try? await check.value) ?? false } }
}

extension Scene {
    func text(of name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }
}
