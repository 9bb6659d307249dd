using Millpond.FileJournal.Segments;
using Millpond.Journals;

namespace Millpond.FileJournal.Trails;

/// <summary>
/// The trail of a journal in files: its own files, read again. A page costs as much as the file or the few files that it lies in.
/// </summary>
internal sealed class FileTrail(SegmentLog log, SegmentNames names, TrailOptions options, TimeProvider time) : IJournalTrail
{
    // A page that finds nothing ends after so many, with a place to go on from.
    private const int FilesMax = 8;

    // A file may be renamed, and deleted, between the look at the folder and the read.
    private const int AttemptsMax = 10;

    private readonly TrailFiles _files = new(names);
    // Swapped whole: several may read at once, and find the same.
    private Missing? _missing;

    public TrailOptions Options => options;

    public ValueTask<TrailPage> ReadAsync(TrailQuery query, CancellationToken cancellationToken)
    {
        query = query.Checked();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new(Read(query, _files.List(log.Written)));
            }
            catch (FileNotFoundException) when (attempt < AttemptsMax)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new JournalException(JournalFailure.Refused, $"The trail in {names.Folder} cannot be read now: {failure.Message}", failure);
            }
        }
    }

    private TrailPage Read(TrailQuery query, IReadOnlyList<TrailFile> files)
    {
        var since = query.Since(options, time.GetUtcNow());
        var first = files.Count - 1;
        while (first > 0 && _files.BeginningOf(files[first]).At > since.UtcTicks)
        {
            first--;
        }

        // What is settled in that file may have been written in one before.
        var (at, settled) = (first, _files.BeginningOf(files[first]).Acknowledged);
        while (at > 0 && _files.BeginningOf(files[at]).Last > settled)
        {
            at--;
        }

        var replay = new TrailReplay(query, since);
        for (; at < files.Count && at < first + FilesMax && !replay.IsDone; at++)
        {
            files[at].Read().ForEach(replay.Apply);
        }

        return replay.Page(at == files.Count, CompleteSince(files));
    }

    private DateTimeOffset? CompleteSince(IReadOnlyList<TrailFile> files)
    {
        var first = files[0].Number;
        var missing = Volatile.Read(ref _missing);
        if (missing is null || missing.First != first || missing.Until == long.MaxValue)
        {
            missing = new Missing(first, _files.MissingUntil(files));
            Volatile.Write(ref _missing, missing);
        }

        return missing.Until switch
        {
            null => null,
            long.MaxValue => time.GetUtcNow(),
            var until => new DateTimeOffset(until.Value, TimeSpan.Zero),
        };
    }

    /// <summary>Until when records were settled that are in no file, where the first file is of this number.</summary>
    private sealed record Missing(long First, long? Until);
}
