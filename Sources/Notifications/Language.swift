/// The language of what people read on their phones.
package enum Language: String, Hashable, Sendable, CaseIterable { case en, ko }
