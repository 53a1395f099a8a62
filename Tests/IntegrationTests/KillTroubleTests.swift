import Foundation
import Glibc
import Platform
import TestKit
import Testing

extension PacedTests {
    /// `madang kill` with everything slow at once: the disk, the broker, and a strategy server that hangs (R11.3).
    @Suite struct KillTroubleTests {
        /// Every flush of a file takes 150 ms.
        private static let slowDisk = """
            #define _GNU_SOURCE
            #include <time.h>
            #include <unistd.h>
            #include <sys/syscall.h>
            static void wait_for_the_disk(void) {
                struct timespec span = {0, 150 * 1000 * 1000};
                while (nanosleep(&span, &span)) {}
            }
            int fdatasync(int file) { wait_for_the_disk(); return (int)syscall(SYS_fdatasync, file); }
            int fsync(int file) { wait_for_the_disk(); return (int)syscall(SYS_fsync, file); }
            """

        private func scene(_ venue: Venue) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker()
            configuration.strategies = [
                SceneConfiguration.server("resting", "resting.py", "adds_to_position: true"),
                SceneConfiguration.server(
                    "hanging", "slow.py", "deadline: 1s, environment: { PAUSE: \"3600\" }"),
            ]
            configuration.more = ["arbiter: { policy: first }"]
            // About 25 ms from tick to tick, for longer than the test takes.
            return try Scene(configuration, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
        }

        @Test func nothingOpensBehindItAndEverythingIsTakenBack() async throws {
            let venue = try await Venue([])
            let scene = try scene(venue)
            try scene.folder.write(Self.slowDisk, as: "disk.c")
            let made = try await Program.start(
                ["/usr/bin/gcc", "-shared", "-fPIC", "-o", "disk.so", "disk.c"], in: scene.path
            ).outcome()
            #expect(made.exit == .code(0), "\(made.errorText)")
            var environment = Venue.environment
            environment["LD_PRELOAD"] = scene.path + "/disk.so"
            let slow = #","count":100000,"wait_ms":200"#
            try await venue.fault("place", "delay", slow)
            try await venue.fault("cancel", "delay", slow)
            let host = try await scene.start("run", "--json", environment: environment)
            defer { host.send(signal: SIGKILL) }
            _ = try await host.line("that it hangs") {
                $0.contains("hanging") && $0.contains("hung")
            }
            var seen = 0
            for _ in 0..<12 {
                seen =
                    try await host.line(from: seen, "an order") {
                        $0.contains("\"event\":\"order\"")
                    }.index + 1
            }
            let clock = HostClock()
            let begun = clock.utc()
            let kill = try await scene.madang("kill", "--reason", "trouble", "--json")
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            // All that rested is taken back within five seconds; it is looked at until then.
            var open = try await venue.orders().filter { $0.state != "cancelled" }
            while !open.isEmpty, clock.utc() - begun < 5_000_000_000 {
                open = try await venue.orders().filter { $0.state != "cancelled" }
            }
            #expect(open.isEmpty, "\(open)")
            let all = try await venue.orders()
            #expect(all.count >= 5 && all.allSatisfy { $0.state == "cancelled" }, "\(all)")
            // The host goes on, and asks in vain.
            _ = try await host.line(from: host.output.count - 1, "a refusal") {
                $0.contains("not approved: kill")
            }
            let late = try await venue.orders(since: begun + 1_000_000_000)
            #expect(late.isEmpty, "\(late)")
            host.send(signal: SIGTERM)
            #expect(try await host.outcome().exit == .code(6))
        }
    }
}
