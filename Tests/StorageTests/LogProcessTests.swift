import Foundation
import Ports
import TestKit
import Testing

@testable import Storage

/// The log in a process of its own, which is killed or runs out of space.
@Suite(.serialized) struct LogProcessTests {
    let folder = TemporaryFolder()
    private static let identity = LogIdentity(
        kernelVersion: 1, configurationHash: "crash", runID: "crash")

    private func start(_ arguments: String...) throws -> (Process, Pipe, Pipe) {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("LogCrashTool")
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, output, errors)
    }

    /// Reads numbers until `stop`, and the last whole line that came.
    private func lastNumber(from pipe: Pipe, until stop: (UInt64) -> Void) -> UInt64 {
        var line: [UInt8] = []
        var last: UInt64 = 0
        while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
            for byte in data {
                if byte == 10 {
                    last = UInt64(String(decoding: line, as: UTF8.self)) ?? last
                    line = []
                    stop(last)
                } else {
                    line.append(byte)
                }
            }
        }
        return last
    }

    private func expectRecords(atLeast count: UInt64) throws -> UInt64 {
        let log = try SegmentedLog.open(in: folder.log, identity: Self.identity)
        var seen: UInt64 = 0
        try log.forEach { number, record in
            let word = withUnsafeBytes(of: number.littleEndian) { Array($0) }
            let expected = Array(repeatElement(word, count: Int(number % 40) + 1).joined())
            guard number == seen + 1, record == expected else { throw Gap(number: number) }
            seen = number
            return true
        }
        #expect(seen >= count)
        try log.close()
        return seen
    }

    /// R12.3: what was printed as durable is there after each of eight kills in a row.
    @Test func killingLosesNothingDurable() throws {
        var random = SeededRandom(20_261_120)
        var before: UInt64 = 0
        for _ in 0..<8 {
            let (process, output, _) = try start("append", folder.log)
            let moment = before + UInt64.random(in: 1..<3_000, using: &random)
            var isKilled = false
            let printed = lastNumber(from: output) { number in
                guard number >= moment, !isKilled else { return }
                isKilled = true
                kill(process.processIdentifier, SIGKILL)
            }
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
            #expect(printed >= moment)
            before = try expectRecords(atLeast: printed)
        }
    }

    @Test func anotherProcessIsNamed() throws {
        let (process, output, _) = try start("append", folder.log)
        var error: StoreError?
        _ = lastNumber(from: output) { _ in
            guard error == nil else { return }
            error = storeError {
                _ = try SegmentedLog.open(in: folder.log, identity: Self.identity)
            }
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        #expect(error?.code == .inUse)
        #expect(error?.what.contains("(process \(process.processIdentifier))") == true)
    }

    @Test(arguments: [100_000, 700_000]) func aFileSizeLimitIsAFullDisk(_ bytes: Int) throws {
        let (process, output, errors) = try start("fill", folder.log, "\(bytes)")
        let printed = lastNumber(from: output) { _ in }
        process.waitUntilExit()
        #expect(process.terminationStatus == 3)
        let words = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        #expect(words.hasPrefix("full "))
        #expect(words.contains(folder.log))
        #expect(printed > 0)
        _ = try expectRecords(atLeast: printed)
    }

    /// A real file system of four mebibytes, where this user may mount one.
    @Test(.enabled(if: getuid() == 0, "mounting a small file system needs root"))
    func aFullFileSystemIsToldAndKeepsWhatWasDurable() throws {
        let disk = folder.path + "/disk"
        mkdir(disk, 0o700)
        guard run("/bin/mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk) == 0 else {
            withKnownIssue("this machine does not let root mount", isIntermittent: true) {
                Issue.record("not run")
            }
            return
        }
        // The log's thread may be about to close its files: the rest goes when it has.
        defer { #expect(run("/bin/umount", "-l", disk) == 0) }
        let told = Told()
        let error = storeError {
            let log = try SegmentedLog.create(
                in: disk + "/log", identity: Self.identity,
                settings: LogSettings(segmentSize: 1 << 20, step: 1 << 18))
            log.onDurable { told.note($0) }
            while true { try log.append([UInt8](repeating: 5, count: 10_000)) }
        }
        #expect(error?.code == .full)
        #expect(error?.advice.contains("free space") == true)
        told.wait(for: .max)
        #expect(told.errors.first == error)
        let durable = try #require(told.numbers.last)
        // Still full: opening needs no space of its own here, or says so.
        let log = try openWhenReleased(disk + "/log", identity: Self.identity)
        var count: UInt64 = 0
        try log.forEach { _, record in
            count += 1
            return record == [UInt8](repeating: 5, count: 10_000)
        }
        #expect(count >= durable)
        try? log.close()
    }

    private func run(_ tool: String, _ arguments: String...) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
