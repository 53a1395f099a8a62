import Foundation
import Platform
import TestKit

@testable import Storage

/// The real system calls, failing where a plan says so, and a disk that forgets what was not
/// flushed.
///
/// A crash keeps what was flushed. Of each 512-byte sector written since, and of each change of
/// size or name, it keeps the old or the new state by the toss of a seeded coin.
final class FaultyCalls: FileCalls {
    enum Call: Hashable, CaseIterable {
        case open, read, write, size, truncate, syncData, syncAll, rename, remove
    }
    enum Fault: Hashable {
        case fail(Int32)
        /// Only so many bytes of a read or write.
        case short(Int)
        /// From here on nothing works; see ``FaultyCalls/loseUnflushed(seed:)``.
        case crash
    }
    /// A change that is not flushed yet, and how to undo it.
    private enum Change: Sendable {
        case write(path: String, offset: Int, old: [UInt8], size: Int)
        case size(path: String, old: [UInt8], from: Int)
        case name(old: String, new: String)
    }
    private struct State {
        var counts: [Call: Int] = [:]
        var paths: [Int32: String] = [:]
        var unflushed: [Change] = []
        var hasCrashed = false
    }

    private let real = SystemFileCalls()
    private let state = Locked(State())
    private let plan: @Sendable (Call, Int) -> Fault?

    /// - Parameters:
    ///   - before: The disk goes on from what these left unflushed, as after a kill.
    ///   - plan: Asked before each call with its kind and how many of the kind came before.
    init(
        after before: FaultyCalls? = nil,
        _ plan: @escaping @Sendable (Call, Int) -> Fault? = { _, _ in nil }
    ) {
        self.plan = plan
        guard let before else { return }
        let unflushed = before.state.withLock { $0.unflushed }
        state.withLock { $0.unflushed = unflushed }
    }

    func count(_ call: Call) -> Int { state.withLock { $0.counts[call, default: 0] } }
    var hasCrashed: Bool { state.withLock { $0.hasCrashed } }

    /// - Returns: The bytes that may pass, for a short call.
    private func enter(_ call: Call) throws(Errno) -> Int? {
        let number = state.withLock { state -> Int? in
            defer { state.counts[call, default: 0] += 1 }
            return state.hasCrashed ? nil : state.counts[call, default: 0]
        }
        guard let number else { throw Errno(EIO) }
        switch plan(call, number) {
        case nil: return nil
        case .fail(let code): throw Errno(code)
        case .short(let bytes): return bytes
        case .crash:
            state.withLock { $0.hasCrashed = true }
            throw Errno(EIO)
        }
    }

    func open(_ path: String, flags: Int32) throws(Errno) -> Int32 {
        _ = try enter(.open)
        let file = try real.open(path, flags: flags)
        state.withLock { $0.paths[file] = path }
        return file
    }

    func read(
        _ file: Int32, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        let limit = try enter(.read) ?? bytes.count
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(limit, bytes.count)])
        return try real.read(file, into: part, at: offset)
    }

    func write(
        _ file: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        let limit = try enter(.write) ?? bytes.count
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<min(limit, bytes.count)])
        // Past the end of the file a lost sector reads as zeros.
        var before = [UInt8](repeating: 0, count: part.count)
        let size = try real.size(file)
        _ = try before.read(file, at: offset, through: real)
        let old = before
        state.withLock { state in
            guard let path = state.paths[file] else { return }
            state.unflushed.append(.write(path: path, offset: offset, old: old, size: size))
        }
        return try real.write(file, part, at: offset)
    }

    func size(_ file: Int32) throws(Errno) -> Int {
        _ = try enter(.size)
        return try real.size(file)
    }

    func truncate(_ file: Int32, to size: Int) throws(Errno) {
        _ = try enter(.truncate)
        let before = try real.size(file)
        var old = [UInt8](repeating: 0, count: max(0, before - size))
        _ = try old.read(file, at: size, through: real)
        let cut = old
        state.withLock { state in
            guard let path = state.paths[file], !cut.isEmpty else { return }
            state.unflushed.append(.size(path: path, old: cut, from: size))
        }
        try real.truncate(file, to: size)
    }

    func syncData(_ file: Int32) throws(Errno) {
        _ = try enter(.syncData)
        flushed(file)
    }

    func syncAll(_ file: Int32) throws(Errno) {
        _ = try enter(.syncAll)
        flushed(file)
    }

    func rename(_ old: String, to new: String) throws(Errno) {
        _ = try enter(.rename)
        try real.rename(old, to: new)
        state.withLock { state in
            for (file, path) in state.paths where path == old { state.paths[file] = new }
            state.unflushed.append(.name(old: old, new: new))
        }
    }

    func remove(_ path: String) throws(Errno) {
        _ = try enter(.remove)
        try real.remove(path)
    }

    func close(_ file: Int32) {
        state.withLock { $0.paths[file] = nil }
        real.close(file)
    }

    /// A file's own changes are safe, or a folder's names.
    private func flushed(_ file: Int32) {
        state.withLock { state in
            guard let path = state.paths[file] else { return }
            state.unflushed.removeAll { change in
                switch change {
                case .write(let other, _, _, _), .size(let other, _, _): other == path
                case .name(let old, _): old.hasPrefix(path + "/")
                }
            }
        }
    }

    /// What a power cut leaves. Call when nothing uses the files any more.
    func loseUnflushed(seed: UInt64) throws {
        var coin = SeededRandom(seed)
        let changes = state.withLock { state in
            defer { state.unflushed = [] }
            return state.unflushed
        }
        for change in changes.reversed() {
            switch change {
            case .name(let old, let new):
                if Bool.random(using: &coin) { try? real.rename(new, to: old) }
            case .size(let path, let old, let from):
                guard Bool.random(using: &coin) else { continue }
                let file = try real.open(path, flags: O_RDWR)
                defer { real.close(file) }
                _ = try old.withUnsafeBytes { try real.write(file, $0, at: from) }
            case .write(let path, let offset, let old, let size):
                guard let file = try? real.open(path, flags: O_RDWR) else { continue }
                defer { real.close(file) }
                let now = try real.size(file)
                var at = 0
                while at < old.count {
                    let end = min(old.count, at + 512 - (offset + at) % 512)
                    if Bool.random(using: &coin) {
                        _ = try old[at..<end].withUnsafeBytes {
                            try real.write(file, $0, at: offset + at)
                        }
                    }
                    at = end
                }
                // A file that grew may not have; or it grew and holds zeros for lost sectors.
                if now > size, Bool.random(using: &coin) {
                    try real.truncate(file, to: size)
                }
            }
        }
    }
}

extension [UInt8] {
    /// Fills itself from the file.
    fileprivate mutating func read(
        _ file: Int32, at offset: Int, through calls: SystemFileCalls
    ) throws(Errno) -> Int {
        var result: Result<Int, Errno> = .success(0)
        withUnsafeMutableBytes { bytes in
            do throws(Errno) {
                result = .success(try calls.read(file, into: bytes, at: offset))
            } catch { result = .failure(error) }
        }
        return try result.get()
    }
}
