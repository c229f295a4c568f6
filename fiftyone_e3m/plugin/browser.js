// Operators that run in the browser, for what FiftyOne's Python side does not reach. Plain
// JavaScript over the globals that FiftyOne offers to plugins, so that there is nothing to build.
(() => {
  const { Operator, OperatorConfig, registerOperator } = window.__foo__;
  const MOST_FRAMES = 60; // that the Annotate tab may take to close; it takes two

  // FiftyOne's own `set_frame_number` reaches players of image sequences only (seen in 1.22).
  class SeekVideo extends Operator {
    get config() {
      return new OperatorConfig({ name: "seek_video", label: "Go to a frame", unlisted: true });
    }

    useHooks() {
      return { player: window.recoil.useRecoilValue(window.__fos__.modalLooker) };
    }

    async execute({ hooks, params }) {
      hooks.player?.seekToFrame?.(params.frame_number);
    }
  }

  // The Annotate tab (seen in 1.22) reads the boxes of a video once, when it opens. Without this it
  // would go on showing, and editing, those of before an operator changed them.
  class RefreshAnnotation extends Operator {
    get config() {
      const label = "Show the Annotate tab anew";
      return new OperatorConfig({ name: "refresh_annotation", label, unlisted: true });
    }

    useHooks() {
      const { useModalMode, useModalModeController } = window.__fos__;
      return { mode: useModalMode?.(), tabs: useModalModeController?.() };
    }

    async execute({ hooks }) {
      if (hooks.mode !== "annotate") return;
      hooks.tabs.activateExploreMode();
      const shown = () => document.querySelector("[data-cy=video-annotation-top-bar]");
      for (let frame = 0; frame < MOST_FRAMES && shown(); frame++) {
        await new Promise(requestAnimationFrame);
      }
      hooks.tabs.activateAnnotateMode();
    }
  }

  registerOperator(SeekVideo, "@e3m/video-grounding");
  registerOperator(RefreshAnnotation, "@e3m/video-grounding");
})();
