using Microsoft.Extensions.Logging;
using Millpond.FileJournal.Segments;
using Millpond.Journals;

namespace Millpond.FileJournal.Trails;

/// <summary>
/// The files of a trail: segments whose records are all settled, under another name, which has since when they are. So a record is written once, is settled by what the journal writes down anyway, and nothing is moved. Used by one committer at a time.
/// </summary>
internal sealed class KeptSegments
{
    private static readonly Action<ILogger, string, Exception?> GaveWay = LoggerMessage.Define<string>(
        LogLevel.Warning, new EventId(1, nameof(GaveWay)), "The disk of the journal in {Folder} is full: the oldest file of its trail was deleted before its time, to make room for what is written. Make room, or keep less (Trail).");

    private readonly SegmentNames _names;
    private readonly TrailOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Queue<(string Path, long Since, long Bytes)> _files;
    private long _bytes;

    public KeptSegments(SegmentNames names, TrailOptions options, TimeProvider time, ILogger log)
    {
        (_names, _options, _time, _log) = (names, options, time, log);
        _files = new(names.AllKept().Select(one => (one.Path, one.Since, new FileInfo(one.Path).Length)));
        _bytes = _files.Sum(file => file.Bytes);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Keeps a segment whose records are all settled. Throws what the disk throws; then nothing has changed.</summary>
    public void Add(long number)
    {
        var now = Now;
        var path = _names.KeptOf(number, now);
        File.Move(_names.Of(number), path, overwrite: true);
        var bytes = new FileInfo(path).Length;
        _files.Enqueue((path, now, bytes));
        _bytes += bytes;
    }

    /// <summary>Lets go of the oldest file, if it is past its age or there is too much. One each time: whoever commits waits for it.</summary>
    public void Prune()
    {
        if (_files.TryPeek(out var oldest) && (oldest.Since < Now - _options.AgeMax.TotalMilliseconds || _bytes > _options.BytesMax))
        {
            LetGo();
        }
    }

    /// <summary>Makes room on a full disk; false if there is nothing to let go of.</summary>
    public bool GiveWay()
    {
        if (!LetGo())
        {
            return false;
        }

        GaveWay(_log, _names.Folder, null);
        return true;
    }

    private bool LetGo()
    {
        try
        {
            if (!_files.TryPeek(out var oldest))
            {
                return false;
            }

            File.Delete(oldest.Path);
            _bytes -= _files.Dequeue().Bytes;
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
