import CLinux
import Glibc

/// Reads the system's process table into memory of its own: a reading allocates nothing.
///
/// For one thread. Costs about 10 µs for each process that is looked at.
package final class ProcessTable {
    private let folder: CInt
    private let names: OpaquePointer?
    private var buffer = [UInt8](repeating: 0, count: 4_096)
    package let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))

    package init() {
        folder = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        names = opendir("/proc")
    }

    deinit {
        if folder >= 0 { close(folder) }
        if let names { closedir(names) }
    }

    /// Every process's number, in no order that counts.
    package func numbers(_ body: (Int32) -> Void) {
        guard let names else { return }
        rewinddir(names)
        while let entry = readdir(names) {
            withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
                guard let number = ProcessEntry.number(bytes[..<end]),
                    let id = Int32(exactly: number)
                else { return }
                body(id)
            }
        }
    }

    /// `nil` where there is none (any more).
    package func entry(of id: Int32) -> ProcessEntry? {
        guard let count = read("\(id)/stat") else { return nil }
        return ProcessEntry(buffer[..<count])
    }

    /// Every process.
    package func entries() -> [ProcessEntry] {
        var ids: [Int32] = []
        numbers { ids.append($0) }
        return ids.compactMap { entry(of: $0) }
    }

    /// Bytes in memory, with pages divided among those who share them; `nil` where the system does
    /// not tell. Costs a walk over its page tables.
    package func proportionalSize(of id: Int32) -> Int64? {
        guard let count = read("\(id)/smaps_rollup") else { return nil }
        return Self.proportional(buffer[..<count])
    }

    /// The line `Pss:  425 kB`, in bytes.
    static func proportional(_ text: some Collection<UInt8>) -> Int64? {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count >= 2, words[0].elementsEqual("Pss:".utf8) else { continue }
            return ProcessEntry.number(words[1]).flatMap { Int64(exactly: $0) }.map { $0 * 1_024 }
        }
        return nil
    }

    /// How many programs the system has killed for want of memory since its start.
    package func memoryKills() -> UInt64? {
        let file = openat(folder, "vmstat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 32 * 1_024)
        var count = 0
        while count < text.count {
            let room = text.count - count
            let part = text.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + count }, room)
            }
            guard part > 0 else { break }
            count += part
        }
        for line in text[..<count].split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            if words.count == 2, words[0].elementsEqual("oom_kill".utf8) {
                return ProcessEntry.number(words[1])
            }
        }
        return nil
    }

    /// Changes with each start of the machine; `nil` where there is no such thing.
    package func bootID() -> String? {
        guard let count = read("sys/kernel/random/boot_id") else { return nil }
        let text = buffer[..<count].prefix { $0 > 0x20 && $0 < 0x7F }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    private func read(_ name: String) -> Int? {
        let file = openat(folder, name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count > 0 { return count }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}
