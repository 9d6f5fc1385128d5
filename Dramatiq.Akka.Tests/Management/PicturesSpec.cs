namespace Dramatiq.Akka.Tests.Management;

/// <summary>Takes the pictures of docs/images: they are in artifacts/pictures after a run, to be looked at, and copied when they have changed.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PicturesSpec(Browser browser)
{
    [Theory]
    [InlineData("overview", "", 1280, 860, false)]
    [InlineData("overview-dark", "", 1280, 860, true)]
    [InlineData("overview-phone", "", 390, 844, false)]
    [InlineData("queue", "queues/emails", 1280, 1000, false)]
    [InlineData("queue-search", "queues/emails?place=delayed&text=customer#messages", 1280, 1000, true)]
    [InlineData("queue-search-phone", "queues/emails?place=delayed&text=customer#messages", 390, 844, false)]
    [InlineData("dead", "dead?queue=emails", 1280, 860, false)]
    [InlineData("dead-phone", "dead?queue=emails", 390, 844, true)]
    [InlineData("message", "message?queue=emails&place=dead&id=key-0", 1280, 1100, false)]
    [InlineData("workers", "workers", 1280, 900, false)]
    [InlineData("actors", "actors", 1280, 700, true)]
    [InlineData("not-found", "queues/nothing", 1280, 600, false)]
    public async Task Page_must_have_its_picture_taken(string name, string path, int width, int height, bool isDark)
    {
        await using var host = await ManagementHost.StartAsync(inspection: new Shop().Inspection);
        await using var tab = await browser.OpenAsync(host, path, width, height, isDark);
        var folder = Directory.CreateDirectory(Path.Combine(Checkout.Root, "artifacts", "pictures"));

        var picture = await tab.Page.ScreenshotAsync(new() { Path = Path.Combine(folder.FullName, name + ".png") });

        Assert.True(picture.Length > 5_000, "A picture of so few bytes shows nothing.");
        Assert.Empty(tab.Errors);
    }
}
