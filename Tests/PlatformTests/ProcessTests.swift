import CLinux
import Glibc
import TestKit
import Testing

@testable import Platform

@Suite struct ProcessTests {
    /// Gathers lines, and lets a test wait for the first ones.
    final class Lines: Sendable {
        private struct State {
            var lines: [ProcessLine] = []
            var wanted: (count: Int, waiting: CheckedContinuation<Void, Never>)?
        }
        private let state = Locked(State())

        @Sendable func take(_ line: ProcessLine) {
            let waiting = state.withLock { state in
                state.lines.append(line)
                guard let wanted = state.wanted, state.lines.count >= wanted.count else {
                    return CheckedContinuation<Void, Never>?.none
                }
                state.wanted = nil
                return wanted.waiting
            }
            waiting?.resume()
        }

        var all: [ProcessLine] { state.withLock { $0.lines } }

        func first(_ count: Int) async -> [String] {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    let isThere = state.lines.count >= count
                    if !isThere { state.wanted = (count, continuation) }
                    return isThere
                }
                if isThere { continuation.resume() }
            }
            return all.prefix(count).map(\.text)
        }
    }

    private func run(
        _ nursery: ProcessNursery, _ arguments: [String], environment: [String: String] = [:],
        directory: String? = nil
    ) async throws -> (lines: [ProcessLine], exit: ProcessExit) {
        let lines = Lines()
        let launch = ProcessLaunch(
            arguments: arguments, environment: environment, directory: directory)
        let child = try await nursery.launch(launch, onLine: lines.take)
        let exit = await child.waitForExit()
        return (lines.all, exit)
    }

    @Test func outputComesLineByLineAndThenTheReason() async throws {
        let nursery = ProcessNursery()
        let (lines, exit) = try await run(
            nursery, ["sh", "-c", "echo one; echo two >&2; printf 'three\\r\\nlast'; exit 7"])
        #expect(lines.filter { $0.stream == .output }.map(\.text) == ["one", "three", "last"])
        #expect(lines.filter { $0.stream == .error }.map(\.text) == ["two"])
        #expect(exit == .code(7))
        nursery.shutDown()
    }

    @Test func environmentDirectoryAndDescriptorsAreExactlyThoseGiven() async throws {
        let nursery = ProcessNursery()
        let (lines, _) = try await run(
            nursery,
            [
                "sh", "-c",
                "/usr/bin/env | grep -v -e '^_=' -e '^PWD='; pwd; cd /proc/self/fd; echo *",
            ],
            environment: ["NAME": "값", "PATH": "/usr/bin:/bin"], directory: "/usr")
        let texts = Set(lines.map(\.text))
        #expect(texts.isSuperset(of: ["NAME=값", "PATH=/usr/bin:/bin", "/usr"]))
        #expect(!texts.contains { $0.hasPrefix("HOME=") })
        // 0 to 3, and at most one that the shell opens to list the folder.
        let descriptors = try #require(lines.last?.text.split(separator: " "))
        #expect(descriptors.starts(with: ["0", "1", "2", "3"]))
        #expect(descriptors.count <= 5)
        nursery.shutDown()
    }

    @Test(arguments: [
        (["no-such-program"], "there is no such program"),
        (["python my.py"], "give program and arguments each for itself: [python, my.py]"),
        (["/etc/passwd"], "Permission denied"),
        ([], "the command is empty"), (["/no/such"], "No such file"), (["a\0b"], "zero byte"),
    ])
    func whatCannotStartSaysWhy(_ arguments: [String], _ words: String) async {
        let nursery = ProcessNursery()
        let launch = ProcessLaunch(arguments: arguments, environment: [:])
        let error = await #expect(throws: ProcessLaunchError.self) {
            try await nursery.launch(launch)
        }
        #expect(error?.description.contains(words) == true)
        nursery.shutDown()
    }

    @Test func aMissingDirectoryIsNamed() async {
        let nursery = ProcessNursery()
        let launch = ProcessLaunch(arguments: ["sh"], environment: [:], directory: "/no/where")
        let error = await #expect(throws: ProcessLaunchError.self) {
            try await nursery.launch(launch)
        }
        #expect(error?.description.contains("in /no/where") == true)
        nursery.shutDown()
    }

    @Test func terminateIsPoliteFirstAndFinalAfterTheGrace() async throws {
        let nursery = ProcessNursery()
        let polite = Lines()
        let script = "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
        let first = try await nursery.launch(
            ProcessLaunch(arguments: ["sh", "-c", script], environment: [:]), onLine: polite.take)
        #expect(await polite.first(1) == ["ready"])
        first.terminate()
        #expect(await first.waitForExit() == .code(3))
        #expect(polite.all.filter { $0.stream == .output }.map(\.text) == ["ready", "bye"])

        let stubborn = Lines()
        let deaf = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
        let second = try await nursery.launch(
            ProcessLaunch(arguments: ["sh", "-c", deaf], environment: [:], grace: 100_000_000),
            onLine: stubborn.take)
        #expect(await stubborn.first(1) == ["ready"])
        second.terminate()
        #expect(await second.waitForExit() == .signal(SIGKILL))
        nursery.shutDown()
    }

    @Test func aStoppedProgramStillEnds() async throws {
        let nursery = ProcessNursery()
        let child = try await nursery.launch(
            ProcessLaunch(arguments: ["sleep", "1000"], environment: [:], grace: 5_000_000_000))
        child.send(signal: SIGSTOP)
        child.terminate()
        #expect(await child.waitForExit() == .signal(SIGTERM))
        nursery.shutDown()
    }

    @Test func whatAProgramLeavesBehindEndsWithIt() async throws {
        let nursery = ProcessNursery()
        let (lines, exit) = try await run(nursery, ["sh", "-c", "sleep 1000 & echo $!"])
        #expect(exit == .code(0))
        #expect(hasEnded(try #require(lines.first.flatMap { pid_t($0.text) })))
        nursery.shutDown()
    }

    @Test func shutdownEndsEverythingAndRefusesMore() async throws {
        let nursery = ProcessNursery()
        var children: [ChildProcess] = []
        for _ in 0..<3 {
            children.append(
                try await nursery.launch(
                    ProcessLaunch(arguments: ["sleep", "1000"], environment: [:])))
        }
        nursery.shutDown()
        nursery.shutDown()
        #expect(children.map(\.exit) == [.signal(SIGTERM), .signal(SIGTERM), .signal(SIGTERM)])
        await #expect(throws: ProcessLaunchError.self) {
            try await nursery.launch(ProcessLaunch(arguments: ["true"], environment: [:]))
        }
    }

    @Test func longLinesAreCutAndBadTextRepaired() async throws {
        let nursery = ProcessNursery()
        let (lines, _) = try await run(
            nursery, ["sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; printf '\\377\\n'"])
        #expect(lines.map(\.text.utf8.count) == [ProcessLine.longest, 3])
        #expect(lines.map(\.isCut) == [true, false])
        nursery.shutDown()
    }

    @Test func loudProgramsLoseNothing() async throws {
        let nursery = ProcessNursery()
        let (lines, _) = try await run(nursery, ["seq", "1", "50000"])
        #expect(lines.count == 50_000)
        #expect(lines.last?.text == "50000")
        nursery.shutDown()
    }

    /// kill -9 of a host ends its child, and its child's child, though both are deaf to SIGTERM
    /// (R4.8).
    @Test func killingTheHostLeavesNoOrphan() async throws {
        let program = try #require(builtProgram("ChildHost"))
        let nursery = ProcessNursery()
        let lines = Lines()
        let deaf =
            "trap '' TERM; (while :; do sleep 1; done) & echo $!; echo $$; while :; do sleep 1; done"
        let host = try await nursery.launch(
            ProcessLaunch(arguments: [program, "launch", "sh", "-c", deaf], environment: [:]),
            onLine: lines.take)
        let ids = await lines.first(2).compactMap { pid_t($0) }
        try #require(ids.count == 2)
        let ends = ids.map { host_pidfd_open($0) }
        defer { ends.forEach { close($0) } }
        try #require(ends.allSatisfy { $0 >= 0 })
        host.send(signal: SIGKILL)
        #expect(await host.waitForExit() == .signal(SIGKILL))
        for end in ends {
            var watched = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            #expect(poll(&watched, 1, 20_000) == 1, "it has ended")
        }
        nursery.shutDown()
    }

    /// Whether the process is gone, or a zombie that somebody else has to reap.
    private func hasEnded(_ id: pid_t) -> Bool {
        let end = host_pidfd_open(id)
        guard end >= 0 else { return true }
        defer { close(end) }
        var watched = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 10_000) == 1
    }
}

/// The path of an executable of this package, beside the running tests.
func builtProgram(_ name: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let text = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard let slash = text.lastIndex(of: "/") else { return nil }
    let path = text[...slash] + name
    return access(String(path), X_OK) == 0 ? String(path) : nil
}

@Suite struct LineSplitterTests {
    private func feed(
        _ splitter: inout LineSplitter, _ bytes: some Sequence<UInt8>, _ lines: inout [String]
    ) {
        Array(bytes).withUnsafeBytes { raw in
            splitter.feed(raw) { lines.append("\($0.text)|\($0.beyond)") }
        }
    }

    /// However the bytes are cut, the lines are the same; long ones are among them.
    @Test(arguments: seeds(0..<30))
    func cutsDoNotMatter(seed: UInt64) {
        var random = SeededRandom(seed)
        var bytes = (0..<400).map { _ in "ab\r\n".utf8.randomElement(using: &random) ?? 0 }
        let long = [UInt8](repeating: 120, count: ProcessLine.longest - 2 + Int(seed % 5))
        bytes.insert(contentsOf: long, at: 200)
        var whole: [String] = []
        var splitter = LineSplitter()
        feed(&splitter, bytes, &whole)
        splitter.finish { whole.append("\($0.text)|\($0.beyond)") }
        var pieces: [String] = []
        splitter = LineSplitter()
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int(random.next() % 900) + 1)
            feed(&splitter, part, &pieces)
            rest = rest.dropFirst(part.count)
        }
        splitter.finish { pieces.append("\($0.text)|\($0.beyond)") }
        #expect(pieces == whole)
        let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
        #expect(
            whole.count == text.utf8.split(separator: 10, omittingEmptySubsequences: false).count
                - (bytes.last == 10 ? 1 : 0))
    }

    @Test func aCharacterIsNotCutInTwo() {
        var splitter = LineSplitter()
        var lines: [String] = []
        let text = String(repeating: "x", count: ProcessLine.longest - 1) + "값yz\n"
        feed(&splitter, text.utf8, &lines)
        #expect(lines == [String(repeating: "x", count: ProcessLine.longest - 1) + "|4"])
    }

    @Test func cutLinesAndTheHostsWordsAreMarked() {
        #expect(
            ProcessLine(stream: .output, text: "a", beyond: 12_345).shown
                == "a… (12,345 bytes more)")
        #expect(ProcessLine(stream: .error, text: "a").shown == "a")
        #expect(ProcessLine(stream: .host, text: "left out 2 lines").shown == "(left out 2 lines)")
    }
}
