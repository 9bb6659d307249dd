using Millpond.Journals;

namespace Millpond.FileJournal.Segments;

/// <summary>What keeps a journal from being opened, in words.</summary>
internal static class JournalDamage
{
    private const string WhatToDo = " Nothing was changed. Acknowledged writes are in this file or behind the damage: restore the file from a copy; or, if there is none, stop the program, move the journal's folder away whole and keep it, "
        + "and start with an empty one, knowing that what was not flushed is not in the source.";

    public static JournalException Found(string path, long at, string why) =>
        new(JournalFailure.Unfit, $"The journal file {path} is damaged: the commit at byte {at} does not read, {why}.{WhatToDo}");

    public static JournalException Unreadable(string path, long at, Exception unknown) =>
        new(JournalFailure.Unfit, $"The journal file {path} cannot be read: the commit at byte {at} is whole, but {unknown.Message}. It was written by another version of Millpond; open it with that one, let it flush everything, and change the version then.", unknown);

    public static JournalException Missing(string folder, long from, long through) =>
        new(JournalFailure.Unfit, $"The journal in {folder} lacks its records {from} to {through}, which were not flushed: a file of it is gone.{WhatToDo}");

    public static JournalException NoBeginning(string path) =>
        new(JournalFailure.Unfit, $"The journal file {path} does not begin with where the journal stood.{WhatToDo}");

    public static JournalException OfAnother(string folder, string other, string keyspace) =>
        new(JournalFailure.Unfit, $"The journal in {folder} is of keyspace '{other}' and was opened for '{keyspace}'. Give each keyspace a folder of its own; if the keyspace or the prefix was renamed, let it flush under the old name first.");

    public static JournalException Held(string folder, Exception inner) =>
        new(JournalFailure.Unfit, $"The journal in {folder} is open in another process, or twice in this one. A file journal has one process; end the other, or give each a folder of its own.", inner);

    public static JournalException NotWritable(string folder, Exception inner) =>
        new(JournalFailure.Unfit, $"The journal in {folder} cannot be opened: {inner.Message} Give the process the right to read and write there, and enough room on the disk for two segments.", inner);
}
