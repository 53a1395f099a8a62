import Foundation
import Glibc
import Platform
import Ports
import TestKit
import Testing

@testable import Madang

extension PacedTests {
    /// A pager at rest, a stopped terminal: who does not read what a run says must not hold it.
    @Suite struct UnreadOutputTests {
        @Test func aPacedRunGoesOnAndHearsTheKillSwitch() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "50000x"
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: 300_000, pause: 10_000_000_000))
            let output = Pipe()
            // The least a pipe may hold: F_SETPIPE_SZ.
            _ = fcntl(output.fileHandleForWriting.fileDescriptor, 1031, 4_096)
            // `Process` closes the other when it starts the program.
            let end = dup(output.fileHandleForWriting.fileDescriptor)
            defer { close(end) }
            let host = Process()
            host.executableURL = URL(fileURLWithPath: Place.madang)
            host.arguments = ["run", "--json"]
            host.currentDirectoryURL = URL(fileURLWithPath: scene.path)
            host.standardOutput = output
            host.standardError = FileHandle.nullDevice
            try host.run()
            defer {
                kill(host.processIdentifier, SIGKILL)
                host.waitUntilExit()
            }
            // Until its end of the pipe is full.
            let limit = HostClock().monotonic() + 30_000_000_000
            while Self.hasRoom(end), HostClock().monotonic() < limit { await Task.yield() }
            #expect(!Self.hasRoom(end), "it says a lot")
            let kill = try await scene.madang("kill", "--json")
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            #expect(
                kill.output.last?.contains("\"heard\":true") == true,
                "\(kill.output) \(kill.errorText) \(host.isRunning)")
        }

        private static func hasRoom(_ descriptor: CInt) -> Bool {
            var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            return poll(&watched, 1, 0) > 0
        }
    }
}

@Suite struct AsideObserverTests {
    /// Takes nothing until it is let.
    private final class Sleeper: RunObserver {
        let gate = Doorbell()
        let isAwake = Locked(false)
        let heard = Locked<[String]>([])
        func started(_ start: RunStart) {}
        func finished(_ summary: RunSummary) { heard.withLock { $0.append("finished") } }
        func notice(_ notice: RunNotice) {
            let isFirst = isAwake.withLock { awake in
                defer { awake = true }
                return !awake
            }
            if isFirst { _ = gate.wait() }
            heard.withLock { $0.append(notice.text) }
        }
    }

    @Test func whatNobodyReadIsCountedAndTheRestIsToldInOrder() throws {
        let sleeper = Sleeper()
        let aside = AsideObserver(sleeper, room: 100)
        aside.start()
        for number in 0..<1_000 { aside.notice(RunNotice(.order, time: .zero, text: "\(number)")) }
        sleeper.gate.ring()
        aside.finished(RunSummary())
        let heard = sleeper.heard.withLock { $0 }
        let numbers = heard.compactMap(Int.init)
        #expect(numbers == numbers.sorted())
        #expect(numbers.count >= 100)
        let left = heard.filter { $0.contains("left out") }.compactMap {
            $0.split(separator: " ").first.flatMap { Int($0) }
        }
        #expect(left.reduce(0, +) == 1_000 - numbers.count)
        #expect(heard.last == "finished")
    }
}
