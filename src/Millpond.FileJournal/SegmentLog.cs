using Millpond.FileJournal.Format;
using Millpond.FileJournal.Segments;
using Millpond.FileJournal.Trails;
using Millpond.Journals;

namespace Millpond.FileJournal;

/// <summary>The segments there are, the one that is written last. Written by one committer at a time; only <see cref="HasFlushed"/> may be asked by others.</summary>
internal sealed class SegmentLog(SegmentNames names, SegmentMaker maker, List<(long Number, long Last)> sealedOnes, KeptSegments? kept) : IDisposable
{
    private readonly EntryWriter _writer = new();
    private readonly EntryWriter _first = new();
    private readonly Lock _gate = new();
    private OpenSegment? _open;
    private Exception? _broken;
    private long _last;

    /// <summary>The segment that is written, and how much of it is on the disk.</summary>
    public (long Number, long Used) Written => Volatile.Read(ref _open) is { } open ? (open.Number, open.Used) : (0, 0);

    /// <summary>Begins a segment behind those that are there.</summary>
    public void Begin(Checkpoint standing)
    {
        _last = standing.Last;
        _open = Next(sealedOnes.Count == 0 ? 1 : sealedOnes[^1].Number + 1, standing);
        maker.PrepareAside();
        Tidy(standing.Acknowledged);
    }

    /// <summary>Whether a segment could go if the disk knew that everything up to here is flushed.</summary>
    public bool HasFlushed(long through)
    {
        lock (_gate)
        {
            return sealedOnes.Count > 0 && sealedOnes[0].Last <= through;
        }
    }

    /// <summary>Writes one frame and returns when the disk has it; or returns why not, and then what of it is known.</summary>
    /// <param name="entries">What it says.</param>
    /// <param name="last">The highest position in it, or before it.</param>
    /// <param name="standing">Tells where the journal stands, before these entries.</param>
    public JournalException? Write(List<Entry> entries, long last, Func<Checkpoint> standing)
    {
        if (_broken is not null)
        {
            return new(JournalFailure.Refused, "The journal takes nothing since its disk failed. Look at the disk, then start the program anew; what was acknowledged is read then.", _broken);
        }

        _writer.Begin();
        entries.ForEach(_writer.Write);
        if (_writer.Extent > int.MaxValue)
        {
            return new(JournalFailure.Refused, $"A commit of {_writer.Extent} bytes is more than a journal file can hold ({int.MaxValue}). Write less at once.");
        }

        try
        {
            if (!_open!.HasRoomFor(_writer.Extent))
            {
                RollOver(standing());
            }
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return new(JournalFailure.Refused, $"The journal in {names.Folder} has no room for another file, so nothing was taken: {full.Message} Make room on the disk; the next write tries again.", full);
        }

        try
        {
            _open.Commit(_writer.End(_last + 1, _open.Number).Span);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _broken = failure;
            return new(JournalFailure.OutcomeUnknown, $"The disk failed while the journal in {names.Folder} wrote, so it is not known whether it has the write; a restart will tell. Look at the disk before that.", failure);
        }

        _last = last;
        Tidy(entries.OfType<Acknowledged>().Max(one => one.Through));
        return null;
    }

    public void Dispose() => _open?.Dispose();

    /// <summary>Where the disk is full, the oldest of the trail goes for what comes: a trail holds up no append.</summary>
    private void RollOver(Checkpoint standing)
    {
        while (true)
        {
            try
            {
                Roll(standing);
                return;
            }
            catch (IOException failure) when (Disk.HasNoRoom(failure) && kept?.GiveWay() == true)
            {
                // There is more room now.
            }
        }
    }

    private void Roll(Checkpoint standing)
    {
        var old = _open!;
        old.Seal();
        Volatile.Write(ref _open, Next(old.Number + 1, standing with { Last = _last }));
        old.Dispose();
        lock (_gate)
        {
            sealedOnes.Add((old.Number, _last));
        }

        maker.PrepareAside();
    }

    private OpenSegment Next(long number, Checkpoint standing)
    {
        _first.Begin();
        _first.Write(standing);
        return maker.Next(number, _first.End(standing.Last + 1, number).Span, _writer.Extent);
    }

    /// <summary>Lets go of segments whose records are all in the source, the oldest first. The disk knows so already; if it loses the deletion, they are read again and say nothing new.</summary>
    private void Tidy(long acknowledged)
    {
        kept?.Prune();
        while (true)
        {
            long number;
            lock (_gate)
            {
                if (sealedOnes.Count == 0 || sealedOnes[0].Last > acknowledged)
                {
                    return;
                }

                number = sealedOnes[0].Number;
                sealedOnes.RemoveAt(0);
            }

            try
            {
                if (kept is null)
                {
                    File.Delete(names.Of(number));
                }
                else
                {
                    kept.Add(number);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // It goes when the journal is opened the next time.
                return;
            }
        }
    }
}
