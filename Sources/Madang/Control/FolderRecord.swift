import Foundation
import Host
import Platform

/// A small file of JSON in the folder, by which commands and a host talk: read whole, replaced whole, for its owner
/// alone.
///
/// *Limit*: none, it is a file of this machine. *Retry*: by who asked. *Idempotency*: numbers in what is written.
struct FolderRecord {
    let path: String
    /// Bytes; a larger one is nobody's of ours.
    let limit: Int
    /// Who writes it, as in "this is not what the host wrote".
    let writer: String
    /// What to do about one that cannot be understood.
    let advice: String
    /// What to do about one that cannot be written.
    var room = "make the folder yours to write, and see that the disk has room"

    /// - Returns: `nil` where there is none.
    func read<Value: Decodable>(_ type: Value.Type = Value.self) throws(RunError) -> Value? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let bytes = try SmallFile.read(path, limit: limit)
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch let error as SmallFile.Failure {
            throw RunError(.store, "\(path): \(error.what)\n  \(error.advice)")
        } catch {
            throw RunError(.store, "\(path): this is not what \(writer) wrote\n  \(advice)")
        }
    }

    func write(_ value: some Encodable) throws(RunError) {
        do {
            try writePrivateFile(JSONEncoder.stable.encode(value) + Data("\n".utf8), to: path)
        } catch {
            throw RunError(
                .store,
                "\(path): the file cannot be written: \(error)\n  \(room)")
        }
    }
}
