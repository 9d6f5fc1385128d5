using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using FsCheck.Xunit;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq.Streams;

public sealed class AckWindowSpec
{
    [Fact]
    public void Window_must_tell_a_finished_run_with_one_tag()
    {
        var window = Delivered(5);
        Finish(window, 1, 2, 3, 5);
        Assert.Equal(3UL, window.TakeRun());
        Assert.Equal(0UL, window.TakeRun());
        Assert.Equal((1, 1), (window.InHandCount, window.UntoldCount));
    }

    [Fact]
    public void Window_must_never_pass_an_unfinished_tag()
    {
        var window = Delivered(3);
        Finish(window, 2, 3);
        Assert.Equal(0UL, window.TakeRun());
    }

    [Fact]
    public void Window_must_give_stragglers_when_they_are_met_twice()
    {
        var window = Delivered(4);
        Finish(window, 2, 4);
        Assert.Empty(Stragglers(window));
        Finish(window, 3);
        Assert.Equal([2UL, 4UL], Stragglers(window));
        Assert.Equal([3UL], Stragglers(window));
        Finish(window, 1);
        Assert.Equal(1UL, window.TakeRun());
    }

    [Fact]
    public void Window_must_name_a_tag_that_the_server_still_holds()
    {
        var window = Delivered(3);
        Finish(window, 1);
        Assert.True(window.Take(2));
        Assert.True(window.Take(3));
        Assert.Equal(1UL, window.TakeRun());
        Assert.Equal(0, window.InHandCount);
    }

    [Fact]
    public void Window_must_settle_each_tag_once()
    {
        var window = Delivered(1);
        Assert.True(window.Finish(1));
        Assert.False(window.Finish(1));
        Assert.False(window.Take(1));
        Assert.False(window.Finish(2));
        window.TakeRun();
        Assert.False(window.Finish(1));
    }

    [Property(MaxTest = 200)]
    public bool Window_must_tell_every_finished_tag_exactly_once_whatever_the_order(int seed)
    {
        var random = new Random(seed);
        var window = new AckWindow();
        var (next, told, inHand) = (1UL, new HashSet<ulong>(), new List<ulong>());
        var reached = 0UL;
        for (var step = 0; step < 500; step++)
        {
            if (random.Next(2) == 0)
            {
                window.Deliver(next);
                inHand.Add(next++);
            }
            else if (inHand.Count > 0)
            {
                var at = random.Next(inHand.Count);
                window.Finish(inHand[at]);
                inHand.RemoveAt(at);
            }

            if (random.Next(4) == 0 && !Tell(window.TakeRun()))
                return false;
            if (random.Next(8) == 0 && !Stragglers(window).TrueForAll(tag => !inHand.Contains(tag) && told.Add(tag)))
                return false;
        }

        foreach (var tag in inHand)
            window.Finish(tag);
        return Tell(window.TakeRun()) && told.Count == (int)next - 1 && window.UntoldCount == 0;

        bool Tell(ulong run)
        {
            for (var tag = reached + 1; tag <= run; tag++)
            {
                if (inHand.Contains(tag) && window.InHandCount > 0)
                    return false;
                told.Add(tag);
            }

            reached = Math.Max(reached, run);
            return true;
        }
    }

    private static AckWindow Delivered(ulong count)
    {
        var window = new AckWindow();
        for (var tag = 1UL; tag <= count; tag++)
            window.Deliver(tag);
        return window;
    }

    private static void Finish(AckWindow window, params ulong[] tags)
    {
        foreach (var tag in tags)
            Assert.True(window.Finish(tag));
    }

    private static List<ulong> Stragglers(AckWindow window)
    {
        var tags = new List<ulong>();
        window.TakeStragglers(tags, evenNewOnes: false);
        return tags;
    }
}
