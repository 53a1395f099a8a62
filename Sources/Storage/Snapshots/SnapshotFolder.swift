import Glibc
import Platform
import Ports
import TradingModel

/// Snapshots as files: one each, whole or not there.
///
/// A file is written under another name, made durable, and renamed. Its name says whose it is and where it stands,
/// its content says so again, and a checksum covers it to the last byte. The newest ``kept`` of an owner stay, for
/// the newest may stand beyond what the host has decided.
struct SnapshotFolder: Sendable {
    /// Of one owner.
    static let kept = 3
    /// As it begins; the last two digits are the version of what follows.
    private static let magic = Array("MDSNAP01".utf8)

    let path: String
    let calls: any FileCalls

    /// Makes it durable and forgets older ones. The time of a disk's flush.
    func write(_ snapshot: ServerSnapshot, of owner: SnapshotOwner) throws(StoreError) {
        try makePrivateFolder(path)
        let name = path + "/" + self.name(of: owner, at: snapshot.position)
        let bytes = Self.encoded(snapshot, owner)
        let part = name + ".part"
        do {
            let file = try LogFile(
                opening: part, flags: O_RDWR | O_CREAT | O_TRUNC, calls: calls, named: name)
            let written = bytes.withUnsafeBytes { bytes in
                Result { () throws(StoreError) in try file.write(bytes, at: 0, doing: "write") }
            }
            try written.get()
            try file.syncAll()
        }
        try uninterrupted("rename to \(name)", part) { () throws(Errno) in
            try calls.rename(part, to: name)
        }
        try syncFolder(path, calls: calls)
        for old in try positions(of: owner).dropLast(Self.kept) { remove(owner, at: old) }
    }

    /// The newest whole one at or before `position`. A damaged one is told and set aside for good.
    func newest(
        of owner: SnapshotOwner, through position: EventPosition, told: (String) -> Void
    ) throws(StoreError) -> ServerSnapshot? {
        for at in try positions(of: owner).reversed() where at <= position {
            let name = path + "/" + self.name(of: owner, at: at)
            do {
                let snapshot = try Self.decoded(try read(name), owner)
                guard snapshot.position == at else {
                    throw ByteError.malformed(at: 0, what: "it stands at \(snapshot.position)")
                }
                return snapshot
            } catch let error as StoreError {
                throw error
            } catch {
                told("\(name) is damaged and not used: \(error)")
                remove(owner, at: at)
            }
        }
        return nil
    }

    private func read(_ name: String) throws(StoreError) -> [UInt8] {
        let file = try LogFile(opening: name, flags: O_RDONLY, calls: calls)
        let size = try file.size()
        var bytes = [UInt8](repeating: 0, count: size)
        let count = bytes.withUnsafeMutableBytes { bytes in
            Result { () throws(StoreError) in try file.read(into: bytes, at: 0) }
        }
        return Array(bytes.prefix(try count.get()))
    }

    private func remove(_ owner: SnapshotOwner, at position: EventPosition) {
        // One that stays is only room on the disk.
        try? calls.remove(path + "/" + name(of: owner, at: position))
    }

    // MARK: Names

    /// Positions of the owner's files, ascending; none where the folder is missing.
    private func positions(of owner: SnapshotOwner) throws(StoreError) -> [EventPosition] {
        guard let folder = opendir(path) else {
            guard errno != ENOENT else { return [] }
            throw StoreError(Errno(errno), doing: "read the folder", at: path)
        }
        defer { closedir(folder) }
        let prefix = self.prefix(of: owner)
        var found: [EventPosition] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(prefix), name.hasSuffix(Self.suffix) else { continue }
            let digits = name.dropFirst(prefix.utf8.count).dropLast(Self.suffix.utf8.count)
            guard let value = UInt64(digits, radix: 16) else { continue }
            let position = EventPosition(value)
            if name == self.name(of: owner, at: position) { found.append(position) }
        }
        return found.sorted()
    }

    private static let suffix = ".snapshot"

    private func name(of owner: SnapshotOwner, at position: EventPosition) -> String {
        prefix(of: owner) + hex(position.value) + Self.suffix
    }

    /// The session's name for people, and a number of the whole owner; the content settles whose it is.
    private func prefix(of owner: SnapshotOwner) -> String {
        let name = owner.session.utf8.suffix(40).map { byte -> UInt8 in
            let isPlain = byte < 128 && (isalnum(Int32(byte)) != 0 || byte == UInt8(ascii: "-"))
            return isPlain ? byte : UInt8(ascii: "_")
        }
        var text = owner.text
        let sum = text.withUTF8 { crc32c(UnsafeRawBufferPointer($0)) }
        return String(decoding: name, as: UTF8.self) + "." + hex(UInt64(sum)) + "."
    }

    private func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    // MARK: Content

    static func encoded(_ snapshot: ServerSnapshot, _ owner: SnapshotOwner) -> [UInt8] {
        var writer = Platform.ByteWriter()
        writer.reserve(snapshot.bytes.count + 256)
        writer.write(raw: magic)
        writer.write(owner.text)
        writer.write(snapshot.position.value)
        writer.write(snapshot.format)
        writer.write(bytes: snapshot.bytes)
        let sum = writer.bytes.withUnsafeBytes { crc32c($0) }
        writer.write(sum)
        return writer.bytes
    }

    static func decoded(_ bytes: [UInt8], _ owner: SnapshotOwner) throws(ByteError)
        -> ServerSnapshot
    {
        guard bytes.count >= magic.count + 4, bytes.starts(with: magic) else {
            throw .malformed(at: 0, what: "it is no snapshot of this version")
        }
        let content = bytes.count - 4
        let sum = bytes.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[..<content])) }
        var end = Platform.ByteReader(Array(bytes[content...]))
        guard try end.read(UInt32.self) == sum else {
            throw .malformed(at: content, what: "its checksum does not fit")
        }
        var reader = Platform.ByteReader(bytes)
        _ = try reader.readRaw(magic.count)
        guard try reader.readString() == owner.text else {
            throw .malformed(at: magic.count, what: "it belongs to another session or build")
        }
        let position = EventPosition(try reader.read(UInt64.self))
        let format = try reader.readString()
        let state = try reader.readBytes()
        _ = try reader.read(UInt32.self)
        try reader.expectEnd()
        return ServerSnapshot(position: position, format: format, bytes: state)
    }
}
