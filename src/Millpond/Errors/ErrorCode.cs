namespace Millpond;

/// <summary>The stable codes of Millpond's errors. docs/errors.md has a section for each: what happened, why, what to do.</summary>
public enum ErrorCode
{
    /// <summary>MP1001: configuration has faults; the message lists all of them.</summary>
    InvalidConfiguration = 1001,

    /// <summary>MP1002: no keyspace of that name, or not with those types.</summary>
    UnknownKeyspace = 1002,

    /// <summary>MP1003: two keyspaces have the same types, so a name is needed to tell which one is meant.</summary>
    AmbiguousKeyspace = 1003,

    /// <summary>MP1101: a key is empty or too long.</summary>
    KeyLength = 1101,

    /// <summary>MP1102: a key, tag or tenant has a character that is not allowed.</summary>
    KeyCharacters = 1102,

    /// <summary>MP1103: a key type has no text form.</summary>
    KeyType = 1103,

    /// <summary>MP1104: too many keys in one call, or too many tags on one entry.</summary>
    TooMany = 1104,

    /// <summary>MP1105: what a purge names cannot be read as names of the keyspace.</summary>
    PurgeUnreadable = 1105,

    /// <summary>MP1201: a value is over its keyspace's limit.</summary>
    ValueSize = 1201,

    /// <summary>MP1202: a value could not be encoded or decoded.</summary>
    ValueCodec = 1202,

    /// <summary>MP1203: a key holds a value of another type than the caller asks for.</summary>
    ValueType = 1203,

    /// <summary>MP1301: the loader threw, and there was no stale value to serve.</summary>
    LoadFailed = 1301,

    /// <summary>MP1302: the loader did not finish within its time.</summary>
    LoadTimedOut = 1302,

    /// <summary>MP1303: the source is at its limit of concurrent loads and the queue is full or the wait too long.</summary>
    SourceBusy = 1303,

    /// <summary>MP1304: a keyspace without a loader was asked for a load.</summary>
    NoLoader = 1304,

    /// <summary>MP1305: a loader's answer makes no sense, such as not-modified where there was no previous value.</summary>
    LoaderAnswer = 1305,

    /// <summary>MP1306: the value is staler than the caller accepts, and the caller asked to be refused then.</summary>
    TooStale = 1306,

    /// <summary>MP1307: a loader reads the key that it loads, and would wait for itself.</summary>
    LoadReadsItself = 1307,

    /// <summary>MP1308: the source fails and is left alone for a while.</summary>
    SourceBroken = 1308,

    /// <summary>MP1401: a plain set on a keyspace that loads from a source, where the older of two writes could win.</summary>
    UnorderedSet = 1401,

    /// <summary>MP1402: a keyspace without a writer was asked to write its source.</summary>
    NoWriter = 1402,

    /// <summary>MP1403: the writer threw, so it is not known whether the source has the write.</summary>
    WriteFailed = 1403,

    /// <summary>MP1404: the writer did not finish within its time, so it is not known whether the source has the write.</summary>
    WriteTimedOut = 1404,

    /// <summary>MP1405: the journal refused a write, which is certainly not taken.</summary>
    JournalRefused = 1405,

    /// <summary>MP1406: the journal holds as much as it may, and the source did not take it in time; the write is certainly not taken.</summary>
    JournalFull = 1406,

    /// <summary>MP1407: it is not known whether the journal took a write.</summary>
    JournalOutcomeUnknown = 1407,

    /// <summary>MP1408: a journal cannot be opened as it is.</summary>
    JournalUnfit = 1408,

    /// <summary>MP1409: another instance flushes this journal.</summary>
    JournalLeadLost = 1409,

    /// <summary>MP1410: a journal that keeps no trail was asked for it.</summary>
    JournalWithoutTrail = 1410,

    /// <summary>MP1501: the shared tier did not answer or refused.</summary>
    SharedTierUnavailable = 1501,

    /// <summary>MP1502: the engine of the shared tier cannot keep what the protocol promises, with this login or as it is set up.</summary>
    SharedTierUnfit = 1502,

    /// <summary>MP1601: a source cannot be followed as it is set up; the message lists every fault.</summary>
    FeedUnfit = 1601,

    /// <summary>MP1602: a rule could not read a row that a change feed told of.</summary>
    RowUnreadable = 1602,

    /// <summary>MP1603: a change feed that is brought its messages does not run at present; they are to be sent again.</summary>
    FeedNotFollowing = 1603,

    /// <summary>MP1604: this region has not come as far as the caller's session has seen, and the caller would rather be refused.</summary>
    RegionBehind = 1604,

    /// <summary>MP1605: nothing is known of where a source stands in the history of its home database, so a session can neither be kept nor advanced.</summary>
    PositionUnknown = 1605,

    /// <summary>MP1606: a session ticket is none, or was damaged.</summary>
    TicketUnreadable = 1606,

    /// <summary>MP1901: the cache has been disposed.</summary>
    Disposed = 1901,
}
