/** On a narrow screen the pages stand in a strip: the one that is shown is scrolled to. */

document.querySelector(".pages a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
