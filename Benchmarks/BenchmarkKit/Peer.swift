import Foundation

/// The other side: a program that measures the same work and says what it took in lines of JSON.
package final class Peer {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var rest = Data()
    private let name: String

    /// Starts it; it ends when its input is closed.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) {
        name = program
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        do { try process.run() } catch { giveUp("\(program) does not start: \(error)") }
    }

    package var identifier: Int32 { process.processIdentifier }

    /// Gives it a line.
    package func ask(_ line: String) {
        do { try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) } catch {
            giveUp("\(name) does not listen: \(error)")
        }
    }

    /// Its next line; `nil` at the end of its output.
    package func line() -> String? {
        while true {
            if let end = rest.firstIndex(of: 10) {
                let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
                rest = Data(rest[rest.index(after: end)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            rest += more
        }
    }

    /// Its next line as JSON.
    package func object() -> [String: Any] {
        guard let line = line() else { giveUp("\(name) ended without an answer") }
        let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
        guard let object = value as? [String: Any] else { giveUp("\(name) said: \(line)") }
        return object
    }

    /// Ends it and waits for that.
    package func close() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Runs a program to its end and gives its lines as JSON.
    package static func lines(
        of program: String, _ arguments: [String], environment: [String: String] = [:]
    ) -> [[String: Any]] {
        let peer = Peer(program, arguments, environment: environment)
        var objects: [[String: Any]] = []
        while let line = peer.line() {
            let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
            guard let object = value as? [String: Any] else { giveUp("\(program) said: \(line)") }
            objects.append(object)
        }
        peer.close()
        guard peer.process.terminationStatus == 0 else { giveUp("\(program) failed") }
        return objects
    }
}

/// What `Tools/bench` hands over: where the programs and the data are, and how long to measure.
package enum Given {
    package static func text(_ name: String) -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            giveUp("\(name) is not set: run this by Tools/bench")
        }
        return value
    }
    /// Pairs to measure; `BENCH_ROUNDS` overrides what is usual.
    package static func rounds(_ usual: Int) -> Int {
        ProcessInfo.processInfo.environment["BENCH_ROUNDS"].flatMap(Int.init) ?? usual
    }
}
